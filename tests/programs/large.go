// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A Go program of 20 MB: a table of constants that scripts make (go-with-table), and data that it
// writes to, both larger than a large page. It reads a word of each page.
package main

import (
	_ "embed"
	"fmt"
)

const page = 4096

//go:embed table
var table string

var counters = [5 << 20 / 8]uint64{1, 5<<20/8 - 1: 2}

func main() {
	sum := uint32(2166136261)
	for at := 0; at < len(table); at += page {
		sum = (sum ^ uint32(table[at])) * 16777619
	}
	fmt.Println("table", len(table), sum)

	total := uint64(0)
	for at := range counters {
		total += counters[at]
	}
	for at := 0; at < len(counters); at += page / 8 {
		counters[at]++
		total += counters[at]
	}
	fmt.Println("counters", len(counters), total)
}
