// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Go's net/http on both sides, as any program uses it: `web server PORT` serves /page, /sum, which
// adds up the bytes that it is sent, and /copy, which sends them back; `web client URL` asks for the
// first two, several at once and over one connection kept alive, and last for /quit, upon which the
// server ends in good order. `web self` is both, over loopback, and talks over AF_UNIX.
package main

import (
	"bytes"
	"context"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

func check(err error) {
	if err != nil {
		fmt.Println("web:", err)
		os.Exit(1)
	}
}

func serve(port string) {
	quit := make(chan bool)
	http.HandleFunc("/page", func(answer http.ResponseWriter, request *http.Request) {
		fmt.Fprintln(answer, "a page of Go")
	})
	http.HandleFunc("/sum", func(answer http.ResponseWriter, request *http.Request) {
		hash := crc32.NewIEEE()
		count, err := io.Copy(hash, request.Body)
		check(err)
		fmt.Fprintf(answer, "%d bytes, CRC-32 %08x", count, hash.Sum32())
	})
	http.HandleFunc("/copy", func(answer http.ResponseWriter, request *http.Request) {
		data, err := io.ReadAll(request.Body)
		check(err)
		_, err = answer.Write(data)
		check(err)
	})
	http.HandleFunc("/quit", func(http.ResponseWriter, *http.Request) { close(quit) })
	server := &http.Server{Addr: ":" + port, ReadTimeout: 30 * time.Second}
	ended := make(chan error)
	go func() {
		<-quit
		ended <- server.Shutdown(context.Background())
	}()
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		check(err)
	}
	check(<-ended)
	fmt.Println("server: it has ended in good order")
}

func body(answer *http.Response, err error) string {
	check(err)
	text, err := io.ReadAll(answer.Body)
	check(err)
	check(answer.Body.Close())
	return answer.Status + ": " + string(bytes.TrimSpace(text))
}

func ask(url string) {
	client := &http.Client{Timeout: 30 * time.Second}
	fmt.Println("client:", body(client.Get(url+"/page")))
	fmt.Println("client:", body(client.Get(url+"/missing")))

	const clients = 4
	sums := make(chan string)
	for i := 0; i < clients; i++ {
		go func() {
			data := bytes.Repeat([]byte("0123456789abcdef"), 1<<14) // 256 KiB
			sums <- body(client.Post(url+"/sum", "application/octet-stream", bytes.NewReader(data)))
		}()
	}
	for i := 0; i < clients; i++ {
		fmt.Println("client:", <-sums)
	}
	fmt.Println("client:", body(client.Get(url+"/quit")))
}

// Both at once: how a program tests itself.
func talkToItself() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	http.HandleFunc("/self", func(answer http.ResponseWriter, request *http.Request) {
		fmt.Fprint(answer, "it is ", request.URL.Query().Get("name"))
	})
	server := &http.Server{}
	ended := make(chan error)
	go func() { ended <- server.Serve(listener) }()
	fmt.Println("self:", body(http.Get("http://"+listener.Addr().String()+"/self?name=me")))
	check(server.Shutdown(context.Background()))
	if err := <-ended; err != http.ErrServerClosed {
		check(err)
	}

	socket, err := net.Listen("unix", "@kos-test-web")
	check(err)
	go func() {
		connection, err := net.Dial("unix", socket.Addr().String())
		check(err)
		fmt.Fprintln(connection, "over AF_UNIX")
		check(connection.Close())
	}()
	connection, err := socket.Accept()
	check(err)
	text, err := io.ReadAll(connection)
	check(err)
	fmt.Print("self: ", connection.LocalAddr(), " ", string(text))
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "self" {
		talkToItself()
		return
	}
	if len(os.Args) != 3 {
		fmt.Println("usage: web server PORT | web client URL | web self")
		os.Exit(2)
	}
	if os.Args[1] == "server" {
		serve(os.Args[2])
	} else {
		ask(os.Args[2])
	}
}
