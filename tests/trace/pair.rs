// The same in Rust: pair PORT
use std::io::{Read, Write};

fn main() {
    let port = std::env::args().nth(1).unwrap().parse().unwrap();
    let listener = std::net::TcpListener::bind(("0.0.0.0", port)).unwrap();
    let (mut client, _) = listener.accept().unwrap();
    let mut bytes = [0; 1024];
    loop {
        let count = client.read(&mut bytes).unwrap();
        if count == 0 {
            break;
        }
        client.write_all(&bytes[..count]).unwrap();
    }
}
