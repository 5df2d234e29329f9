//! What every test of this folder needs: the server under test, and looking at connections from outside.

use std::time::Duration;

use redis::{Client, Connection, ProtocolVersion};

pub const DEADLINE: Duration = Duration::from_secs(20);

/// A client of the server under test, which run.sh has started.
pub fn client(protocol: ProtocolVersion) -> Client {
    let address = std::env::var("BROKER_ADDRESS")
        .expect("BROKER_ADDRESS is not set: start the tests with tests/clients/run.sh rust");
    let query = match protocol {
        ProtocolVersion::RESP3 => "?protocol=resp3",
        _ => "",
    };
    Client::open(format!("redis://{address}/{query}")).unwrap()
}

pub fn connection(protocol: ProtocolVersion) -> Connection {
    let connection = client(protocol).get_connection().unwrap();
    connection.set_read_timeout(Some(DEADLINE)).unwrap();
    connection
}

/// A channel and connection name of one test's own.
pub fn unique_name(test: &str, protocol: ProtocolVersion) -> String {
    format!("rust.{test}.{protocol:?}")
}

pub fn all_bytes() -> Vec<u8> {
    (0..=255).collect()
}

/// Payloads that a broker which looks into them would spoil.
pub fn payloads() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("all 256 bytes", all_bytes()),
        ("invalid UTF-8", vec![0xc3, 0x28, 0xa0, 0xa1, 0xe2, 0x28, 0xa1, 0xf0, 0x28, 0x8c, 0x28, 0xff, 0xfe]),
        ("line ends", b"\r\n$5\r\nhello\r\n*1\r\n+OK\r\n\n\r".to_vec()),
        ("nothing", Vec::new()),
        ("one megabyte", all_bytes().repeat(4096)),
    ]
}

/// The id of the subscribed connection with that name, as CLIENT LIST says.
pub fn subscribed_connection(admin: &mut Connection, name: &str) -> Option<String> {
    let list: String = redis::cmd("CLIENT").arg("LIST").query(admin).unwrap();
    list.lines().find_map(|line| {
        let field = |key: &str| {
            line.split(' ')
                .find_map(|field| field.strip_prefix(key)?.strip_prefix('='))
                .unwrap_or_else(|| panic!("CLIENT LIST has no field {key}: {line}"))
        };
        let subscribed = ["sub", "psub", "ssub"].iter().any(|kind| field(kind) != "0");
        (field("name") == name && subscribed).then(|| field("id").to_owned())
    })
}

/// Kills the subscribed connection of that name.
pub fn kill_subscriber(admin: &mut Connection, name: &str) {
    let id = subscribed_connection(admin, name).expect("a subscribed connection of that name");
    let killed: usize = redis::cmd("CLIENT").arg("KILL").arg("ID").arg(id).query(admin).unwrap();
    assert_eq!(killed, 1);
}

/// Makes one test function out of a body that takes the protocol version: over RESP2 and over RESP3.
#[macro_export]
macro_rules! for_each_protocol {
    ($($name:ident = $body:expr;)*) => {$(
        mod $name {
            use super::*;
            #[test]
            fn resp2() {
                ($body)(redis::ProtocolVersion::RESP2)
            }
            #[test]
            fn resp3() {
                ($body)(redis::ProtocolVersion::RESP3)
            }
        }
    )*};
}
