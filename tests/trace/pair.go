// An echo server as Go makes them, with threads of its own and epoll beneath. pair PORT
package main

import (
	"bytes"
	"io"
	"net"
	"os"
)

func main() {
	listener, err := net.Listen("tcp4", "127.0.0.1:"+os.Args[1])
	if err != nil {
		panic(err)
	}
	connection, err := listener.Accept()
	if err != nil {
		panic(err)
	}
	data := make([]byte, 512)
	n, err := connection.Read(data)
	if err != nil && err != io.EOF {
		panic(err)
	}
	connection.Write(bytes.ToUpper(data[:n]))
	connection.Close()
}
