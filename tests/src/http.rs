//! HTTP as `curl` speaks it: enough for metrics, readiness and JSON-RPC, and nothing between the test and the wire.

use anyhow::{ensure, Context, Result};
use serde_json::{json, Value};
use std::time::Duration;
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::TcpStream,
	time::timeout,
};

/// Longest wait for one answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);

/// An answer.
#[derive(Debug)]
pub struct Answer {
	/// Status code.
	pub status: u16,
	/// Body.
	pub body: String,
}

async fn exchange(address: &str, request: String) -> Result<Answer> {
	let exchange = async {
		let mut stream = TcpStream::connect(address).await?;
		stream.write_all(request.as_bytes()).await?;
		let mut answer = Vec::new();
		stream.read_to_end(&mut answer).await?;
		anyhow::Ok(String::from_utf8(answer)?)
	};
	let answer = timeout(ANSWER_TIMEOUT, exchange)
		.await
		.with_context(|| format!("{address} does not answer"))??;
	let (head, body) = answer
		.split_once("\r\n\r\n")
		.context("an answer without a body")?;
	ensure!(
		!head.to_ascii_lowercase().contains("transfer-encoding"),
		"a body in chunks is not understood here"
	);
	let status = head
		.split(' ')
		.nth(1)
		.context("an answer without a status")?
		.parse()?;
	Ok(Answer {
		status,
		body: body.to_owned(),
	})
}

/// GET.
pub async fn get(address: &str, path: &str) -> Result<Answer> {
	exchange(
		address,
		format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"),
	)
	.await
}

/// Asks by JSON-RPC and gives the whole answer, with `result` or `error`.
pub async fn json_rpc(address: &str, method: &str, parameters: Value) -> Result<Value> {
	let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}).to_string();
	let request = format!(
		"POST / HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
		body.len()
	);
	let answer = exchange(address, request).await?;
	ensure!(
		answer.status == 200,
		"{method}: HTTP status {}: {}",
		answer.status,
		answer.body
	);
	Ok(serde_json::from_str(&answer.body)?)
}
