# The tutorial's chat client: a thread prints what comes, the main program sends what is typed.
import socket
import sys
import threading

client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
client.connect((sys.argv[1], int(sys.argv[2])))


def receive():
    while True:
        message = client.recv(1024).decode()
        if not message:
            break
        print(message, flush=True)


threading.Thread(target=receive, daemon=True).start()
while True:
    try:
        client.send(input().encode())
    except EOFError:
        break
