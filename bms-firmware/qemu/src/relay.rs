//! What QEMU starts for each connection of the guest to the broker: standard input and output are the guest's, the other side
//! is the broker's socket. It ends when either side does.

use std::{
	io::{self, Read, Write},
	net::{Shutdown, SocketAddr, TcpStream},
	process, thread,
};

/// Copies until the end, sending on what has come at once.
fn copy(mut from: impl Read, mut to: impl Write) -> io::Result<()> {
	let mut bytes = [0; 4_096];
	loop {
		match from.read(&mut bytes)? {
			0 => return Ok(()),
			count => {
				to.write_all(&bytes[..count])?;
				to.flush()?;
			}
		}
	}
}

/// Connects to the broker and relays.
pub fn run(broker: SocketAddr) -> io::Result<()> {
	let socket = TcpStream::connect(broker)?;
	socket.set_nodelay(true)?;
	let towards_broker = socket.try_clone()?;
	thread::spawn(move || {
		// An error is an end too: the guest is gone.
		let _ = copy(io::stdin().lock(), &towards_broker);
		let _ = towards_broker.shutdown(Shutdown::Both);
	});
	let _ = copy(&socket, io::stdout().lock());
	// The other thread waits for a guest that nobody answers any more.
	process::exit(0)
}
