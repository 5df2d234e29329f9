//! redis-rs, blocking connections.

use redis::{Commands, Connection, Msg, ProtocolVersion, PubSub, RedisResult, Value};
use respublica_clients::*;

for_each_protocol! {
    connects_and_is_answered = connects;
    subscriber_hears_what_is_published = subscribe;
    pattern_subscriber_hears_matching_channels = psubscribe;
    payloads_and_names_are_bytes = bytes;
    connection_is_ordinary_again_after_its_subscriptions = unsubscribe_on_drop;
    ping_is_answered_while_subscribed = ping;
    killed_subscriber_is_told_and_can_subscribe_again = killed;
    publish_works_in_pipelines_and_transactions = pipelines;
    failed_command_in_a_transaction_is_told = failed_transaction;
}

fn named(protocol: ProtocolVersion, name: &str) -> Connection {
    let mut connection = connection(protocol);
    let _: () = connection.client_setname(name).unwrap();
    connection
}

fn next(pubsub: &mut PubSub) -> Msg {
    pubsub.get_message().unwrap()
}

fn connects(protocol: ProtocolVersion) {
    let mut connection = connection(protocol);
    assert_eq!(connection.ping::<String>().unwrap(), "PONG");
    let echoed: Vec<u8> = redis::cmd("ECHO").arg(all_bytes()).query(&mut connection).unwrap();
    assert_eq!(echoed, all_bytes());
    let info: redis::InfoDict = redis::cmd("INFO").query(&mut connection).unwrap();
    assert!(info.get::<String>("redis_version").is_some());
}

fn subscribe(protocol: ProtocolVersion) {
    let name = unique_name("subscribe", protocol);
    let (mut publisher, mut subscriber) = (connection(protocol), connection(protocol));
    let mut pubsub = subscriber.as_pubsub();
    pubsub.subscribe(&[format!("{name}.a"), format!("{name}.b")]).unwrap();
    assert_eq!(publisher.publish::<_, _, i64>(format!("{name}.b"), "hello").unwrap(), 1);
    let message = next(&mut pubsub);
    assert_eq!(message.get_channel_name(), format!("{name}.b"));
    assert_eq!(message.get_payload::<String>().unwrap(), "hello");
    pubsub.unsubscribe(format!("{name}.b")).unwrap();
    assert_eq!(publisher.publish::<_, _, i64>(format!("{name}.b"), "hello").unwrap(), 0);
}

fn psubscribe(protocol: ProtocolVersion) {
    let name = unique_name("psubscribe", protocol);
    let (mut publisher, mut subscriber) = (connection(protocol), connection(protocol));
    let mut pubsub = subscriber.as_pubsub();
    pubsub.psubscribe(format!("{name}.h[ae]llo.*")).unwrap();
    assert_eq!(publisher.publish::<_, _, i64>(format!("{name}.hillo.1"), "no").unwrap(), 0);
    assert_eq!(publisher.publish::<_, _, i64>(format!("{name}.hallo.1"), "yes").unwrap(), 1);
    let message = next(&mut pubsub);
    assert_eq!(message.get_pattern::<String>().unwrap(), format!("{name}.h[ae]llo.*"));
    assert_eq!(message.get_payload::<String>().unwrap(), "yes");
}

fn bytes(protocol: ProtocolVersion) {
    let channel = [unique_name("bytes", protocol).as_bytes(), b"\r\n\0\xff".as_slice()].concat();
    let (mut publisher, mut subscriber) = (connection(protocol), connection(protocol));
    let mut pubsub = subscriber.as_pubsub();
    pubsub.subscribe(&channel[..]).unwrap();
    for (what, payload) in payloads() {
        assert_eq!(publisher.publish::<_, _, i64>(&channel[..], &payload[..]).unwrap(), 1);
        let message = next(&mut pubsub);
        assert_eq!(message.get_channel::<Vec<u8>>().unwrap(), channel);
        assert!(message.get_payload_bytes() == payload, "{what}");
    }
}

fn unsubscribe_on_drop(protocol: ProtocolVersion) {
    let name = unique_name("drop", protocol);
    let mut connection = connection(protocol);
    {
        let mut pubsub = connection.as_pubsub();
        pubsub.subscribe(&[format!("{name}.1"), format!("{name}.2")]).unwrap();
        pubsub.psubscribe(format!("{name}.*")).unwrap();
    }
    assert_eq!(connection.ping::<String>().unwrap(), "PONG");
    drop(connection.as_pubsub()); // unsubscribes from nothing: one confirmation each, with a null channel
    assert_eq!(connection.publish::<_, _, i64>(format!("{name}.1"), "x").unwrap(), 0);
}

fn ping(protocol: ProtocolVersion) {
    let name = unique_name("ping", protocol);
    let mut connection = connection(protocol);
    let mut pubsub = connection.as_pubsub();
    pubsub.subscribe(&name).unwrap();
    let answer: Value = pubsub.ping_message("are you there?").unwrap();
    let payload = match answer {
        Value::Array(parts) => parts[1].clone(),
        other => other,
    };
    assert_eq!(payload, Value::BulkString(b"are you there?".to_vec()));
}

fn killed(protocol: ProtocolVersion) {
    let name = unique_name("killed", protocol);
    let mut admin = connection(protocol);
    let mut subscriber = named(protocol, &name);
    let mut pubsub = subscriber.as_pubsub();
    pubsub.subscribe(&name).unwrap();
    kill_subscriber(&mut admin, &name);
    let error = pubsub.get_message().err().expect("the killed connection reports an error");
    assert!(error.is_connection_dropped() || error.is_io_error(), "{error}");

    let mut subscriber = named(protocol, &name);
    let mut pubsub = subscriber.as_pubsub();
    pubsub.subscribe(&name).unwrap();
    assert_eq!(admin.publish::<_, _, i64>(&name, "back").unwrap(), 1);
    assert_eq!(next(&mut pubsub).get_payload::<String>().unwrap(), "back");
}

fn pipelines(protocol: ProtocolVersion) {
    let name = unique_name("pipelines", protocol);
    let (mut publisher, mut subscriber) = (connection(protocol), connection(protocol));
    let mut pubsub = subscriber.as_pubsub();
    pubsub.subscribe(&name).unwrap();
    let mut pipeline = redis::pipe();
    pipeline.publish(&name, "1").ping().publish(&name, "2");
    for batch in [pipeline.clone(), pipeline.atomic().clone()] {
        let answers: (i64, String, i64) = batch.query(&mut publisher).unwrap();
        assert_eq!(answers, (1, "PONG".to_owned(), 1));
        for want in ["1", "2"] {
            assert_eq!(next(&mut pubsub).get_payload::<String>().unwrap(), want);
        }
    }
}

fn failed_transaction(protocol: ProtocolVersion) {
    let name = unique_name("failed", protocol);
    let mut connection = connection(protocol);
    let mut pipeline = redis::pipe();
    pipeline.atomic().publish(&name, "1").cmd("NO-SUCH-COMMAND").arg("x");
    let answer: RedisResult<Value> = pipeline.query(&mut connection);
    let error = answer.expect_err("the transaction is discarded").to_string();
    assert!(error.to_lowercase().contains("unknown command"), "{error}");
    assert_eq!(connection.ping::<String>().unwrap(), "PONG");
}
