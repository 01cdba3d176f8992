// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A Go program: goroutines on several threads, a timer, a garbage collection, a file.
package main

import (
	"fmt"
	"os"
	"runtime"
	"time"
)

func main() {
	fmt.Println("args", os.Args[1:], "HELLO", os.Getenv("HELLO"))

	squares := make(chan int)
	for i := 1; i <= 4; i++ {
		go func(i int) {
			time.Sleep(time.Millisecond)
			squares <- i * i
		}(i)
	}
	sum := 0
	for i := 1; i <= 4; i++ {
		sum += <-squares
	}
	fmt.Println("sum", sum)
	runtime.GC()

	text, err := os.ReadFile("/foo.txt")
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Printf("foo.txt %q\n", text)
	if _, err := os.ReadFile("/missing"); !os.IsNotExist(err) {
		fmt.Println("a missing file:", err)
		os.Exit(1)
	}
}
