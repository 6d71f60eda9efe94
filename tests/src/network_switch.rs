//! Cables and a switch: each node of a fault test has a network namespace of its own, and a partition is a cable put elsewhere.
//!
//! ```text
//!   node 1 ── port1 ┐                 ┌ port3 ── node 3
//!   node 2 ── port2 ┴ left      right ┴ port4 ── node 4
//! ```
//!
//! Two bridges without a link between them stand in a namespace of their own, where no firewall of the machine reaches. While
//! all ports are on the left one, everybody reaches everybody. A second cable leads from each node to the test, which reaches
//! its JSON-RPC by it whatever the switch does; nodes do not reach each other that way. Both ends of it have addresses of
//! 10.128.0.0/9, chosen by the id of the test program, so that test programs that run at the same time do not meet.
//!
//! Namespaces need root and Debian's `iproute2` and `util-linux`. Without them a test fails and says so: one that was skipped
//! in silence would be taken for one that passed.

use crate::network_undo::Undo;
use anyhow::{ensure, Context, Result};
use std::{
	net::Ipv4Addr,
	process::Command,
	sync::atomic::{AtomicU32, Ordering},
};

/// Most ports of a switch: the last number of an address is the port's.
const MAX_PORTS: u8 = 200;

/// Last number of the address of the test's own end.
const TEST_HOST: u8 = 254;

/// Removes the namespaces whose names begin like this, after what runs in them. Every interface that has an end in a
/// namespace goes with it.
const REMOVE: &str = r#"
for file in /run/netns/"$1"*; do
	[ -e "$file" ] || continue
	namespace=${file##*/}
	running=$(ip netns pids "$namespace")
	[ -z "$running" ] || kill -9 $running
	ip netns delete "$namespace"
done
"#;

/// Runs `ip` with the words of this text.
fn ip(words: &str) -> Result<()> {
	let output = Command::new("ip")
		.args(words.split_whitespace())
		.output()
		.context("`ip` does not start: scripts/setup installs iproute2")?;
	ensure!(
		output.status.success(),
		"ip {words}: {}",
		String::from_utf8_lossy(&output.stderr).trim()
	);
	Ok(())
}

fn add_namespace(name: &str) -> Result<()> {
	ip(&format!("netns add {name}")).context(
		"the fault tests put each node into a network namespace, which this user or this machine does not allow: \
		 run them as root, in a container with CAP_SYS_ADMIN and CAP_NET_ADMIN",
	)
}

/// A switch of two halves.
pub struct Switch {
	/// What the names of its namespaces begin with.
	prefix: String,
	/// What the names of the interfaces begin with that lead to the test.
	cable: String,
	/// The two middle numbers of the addresses between nodes and test.
	subnet: (u8, u8),
	ports: u8,
	_removal: Undo,
}

/// A namespace that is plugged into a switch.
pub struct Port {
	namespace: String,
	number: u8,
	subnet: (u8, u8),
}

impl Switch {
	/// A switch without nodes.
	pub fn new() -> Result<Self> {
		static NEXT: AtomicU32 = AtomicU32::new(0);
		let number = NEXT.fetch_add(1, Ordering::Relaxed);
		let process = std::process::id();
		let prefix = format!("passport-{process}-{number}-");
		let removal = Undo::by(REMOVE, &[&prefix])?;
		let switch = format!("{prefix}switch");
		add_namespace(&switch)?;
		for half in ["left", "right"] {
			ip(&format!("-n {switch} link add name {half} type bridge"))?;
			ip(&format!("-n {switch} link set {half} up"))?;
		}
		let [.., high, low] = process.wrapping_mul(16).wrapping_add(number).to_be_bytes();
		Ok(Switch {
			prefix,
			cable: format!("t{process}-{number}-"),
			subnet: (128 | high, low),
			ports: 0,
			_removal: removal,
		})
	}

	/// A namespace for one more node, with a cable to the left half and one to the test.
	pub fn plug(&mut self) -> Result<Port> {
		ensure!(self.ports < MAX_PORTS, "the switch has no port left");
		self.ports += 1;
		let port = Port {
			namespace: format!("{}{}", self.prefix, self.ports),
			number: self.ports,
			subnet: self.subnet,
		};
		let (namespace, switch) = (&port.namespace, self.namespace());
		add_namespace(namespace)?;
		ip(&format!("-n {namespace} link set lo up"))?;

		let (name, address) = (port.name(), port.address());
		ip(&format!(
			"link add name nodes netns {namespace} type veth peer name {name} netns {switch}"
		))?;
		ip(&format!("-n {namespace} address add {address}/24 dev nodes"))?;
		ip(&format!("-n {namespace} link set nodes up"))?;
		ip(&format!("-n {switch} link set {name} up"))?;
		self.put(&port, "left")?;

		let cable = format!("{}{}", self.cable, self.ports);
		let (here, there) = (port.with_test(TEST_HOST), port.test_address());
		ip(&format!(
			"link add name {cable} type veth peer name test netns {namespace}"
		))?;
		ip(&format!("address add {here} peer {there} dev {cable}"))?;
		ip(&format!("link set {cable} up"))?;
		ip(&format!(
			"-n {namespace} address add {there} peer {here} dev test"
		))?;
		ip(&format!("-n {namespace} link set test up"))?;
		Ok(port)
	}

	/// Puts these ports to the right: they reach each other and nobody else. Nobody is told, packets are just not answered.
	pub fn part(&self, away: &[&Port]) -> Result<()> {
		away.iter().try_for_each(|port| self.put(port, "right"))
	}

	/// Puts these ports back to the left.
	pub fn heal(&self, back: &[&Port]) -> Result<()> {
		back.iter().try_for_each(|port| self.put(port, "left"))
	}

	fn put(&self, port: &Port, half: &str) -> Result<()> {
		ip(&format!(
			"-n {} link set {} master {half}",
			self.namespace(),
			port.name()
		))
	}

	fn namespace(&self) -> String {
		format!("{}switch", self.prefix)
	}
}

impl Port {
	/// The interface on the switch.
	fn name(&self) -> String {
		format!("port{}", self.number)
	}

	/// The node's address among the nodes. It is the same in every test: nobody else sees it.
	pub fn address(&self) -> Ipv4Addr {
		Ipv4Addr::new(10, 0, 0, self.number)
	}

	/// The node's address for the test.
	pub fn test_address(&self) -> Ipv4Addr {
		self.with_test(self.number)
	}

	fn with_test(&self, host: u8) -> Ipv4Addr {
		Ipv4Addr::new(10, self.subnet.0, self.subnet.1, host)
	}

	/// The argument with which `nsenter` runs a program here. It becomes that program: the id stays.
	pub fn enter(&self) -> String {
		format!("--net=/run/netns/{}", self.namespace)
	}
}
