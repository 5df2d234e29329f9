//! redis-rs, asynchronous connections on tokio.

use futures_util::StreamExt;
use redis::aio::{ConnectionManager, ConnectionManagerConfig, MultiplexedConnection};
use redis::{AsyncCommands, ProtocolVersion, PushInfo, PushKind, Value};
use respublica_clients::*;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

for_each_protocol! {
    stream_yields_messages_of_channels_and_patterns = |protocol| in_runtime(streams(protocol));
    asynchronous_payloads_are_bytes = |protocol| in_runtime(bytes(protocol));
    subscriber_pings_while_it_listens = |protocol| in_runtime(ping(protocol));
    publish_works_in_asynchronous_pipelines_and_transactions = |protocol| in_runtime(pipelines(protocol));
}

fn in_runtime(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(DEADLINE, test).await.expect("the test has not ended in time") });
}

async fn publisher(protocol: ProtocolVersion) -> MultiplexedConnection {
    client(protocol).get_multiplexed_async_connection().await.unwrap()
}

async fn streams(protocol: ProtocolVersion) {
    let name = unique_name("streams", protocol);
    let mut publisher = publisher(protocol).await;
    let (mut sink, mut stream) = client(protocol).get_async_pubsub().await.unwrap().split();
    sink.subscribe(&[format!("{name}.a"), format!("{name}.b")]).await.unwrap();
    sink.psubscribe(format!("{name}.p?*")).await.unwrap();
    for (channel, pattern) in [("a", None), ("b", None), ("patterned", Some(format!("{name}.p?*")))] {
        let channel = format!("{name}.{channel}");
        assert_eq!(publisher.publish::<_, _, i64>(&channel, "hello").await.unwrap(), 1);
        let message = stream.next().await.unwrap();
        assert_eq!(message.get_channel_name(), channel);
        assert_eq!(message.get_payload::<String>().unwrap(), "hello");
        assert_eq!(message.get_pattern::<Option<String>>().unwrap(), pattern);
    }
    sink.unsubscribe(format!("{name}.a")).await.unwrap();
    assert_eq!(publisher.publish::<_, _, i64>(format!("{name}.a"), "late").await.unwrap(), 0);
}

async fn bytes(protocol: ProtocolVersion) {
    let channel = [unique_name("async bytes", protocol).as_bytes(), b"\r\n\0\xff".as_slice()].concat();
    let mut publisher = publisher(protocol).await;
    let mut pubsub = client(protocol).get_async_pubsub().await.unwrap();
    pubsub.subscribe(&channel[..]).await.unwrap();
    for (what, payload) in payloads() {
        assert_eq!(publisher.publish::<_, _, i64>(&channel[..], &payload[..]).await.unwrap(), 1);
        let message = pubsub.on_message().next().await.unwrap();
        assert_eq!(message.get_channel::<Vec<u8>>().unwrap(), channel);
        assert!(message.get_payload_bytes() == payload, "{what}");
    }
}

async fn ping(protocol: ProtocolVersion) {
    let name = unique_name("async ping", protocol);
    let mut pubsub = client(protocol).get_async_pubsub().await.unwrap();
    pubsub.subscribe(&name).await.unwrap();
    let answer: Value = pubsub.ping_message("are you there?").await.unwrap();
    let payload = match answer {
        Value::Array(parts) => parts[1].clone(),
        other => other,
    };
    assert_eq!(payload, Value::BulkString(b"are you there?".to_vec()));
}

async fn pipelines(protocol: ProtocolVersion) {
    let name = unique_name("async pipelines", protocol);
    let mut publisher = publisher(protocol).await;
    let mut pubsub = client(protocol).get_async_pubsub().await.unwrap();
    pubsub.subscribe(&name).await.unwrap();
    let mut pipeline = redis::pipe();
    pipeline.publish(&name, "1").ping().publish(&name, "2");
    for batch in [pipeline.clone(), pipeline.atomic().clone()] {
        let answers: (i64, String, i64) = batch.query_async(&mut publisher).await.unwrap();
        assert_eq!(answers, (1, "PONG".to_owned(), 1));
        for want in ["1", "2"] {
            let message = pubsub.on_message().next().await.unwrap();
            assert_eq!(message.get_payload::<String>().unwrap(), want);
        }
    }
}

/// One RESP3 connection for everything, which subscribes again by itself when it was lost.
async fn manager(name: &str) -> (ConnectionManager, UnboundedReceiver<PushInfo>) {
    let (sender, receiver) = unbounded_channel();
    let config = ConnectionManagerConfig::new().set_push_sender(sender).set_automatic_resubscription();
    let mut manager = ConnectionManager::new_with_config(client(ProtocolVersion::RESP3), config).await.unwrap();
    let _: () = redis::cmd("CLIENT").arg("SETNAME").arg(name).query_async(&mut manager).await.unwrap();
    (manager, receiver)
}

/// The next push of that kind: its parts, as bytes or numbers. Confirmations and disconnections in between are skipped.
async fn next(pushes: &mut UnboundedReceiver<PushInfo>, kind: PushKind) -> Vec<Value> {
    loop {
        let push = pushes.recv().await.unwrap();
        if push.kind == kind {
            return push.data;
        }
    }
}

fn bulk(text: &str) -> Value {
    Value::BulkString(text.as_bytes().to_vec())
}

#[test]
fn one_resp3_connection_subscribes_and_publishes_to_itself() {
    in_runtime(async {
        let name = unique_name("itself", ProtocolVersion::RESP3);
        let (mut manager, mut pushes) = manager(&name).await;
        manager.subscribe(&name).await.unwrap();
        manager.psubscribe(format!("{name}*")).await.unwrap();
        let _: () = redis::cmd("SSUBSCRIBE").arg(&name).query_async(&mut manager).await.unwrap();
        assert_eq!(manager.publish::<_, _, i64>(&name, "to myself").await.unwrap(), 2);
        assert_eq!(manager.spublish::<_, _, i64>(&name, "to my shard").await.unwrap(), 1);
        assert_eq!(next(&mut pushes, PushKind::Message).await, [bulk(&name), bulk("to myself")]);
        let patterned = next(&mut pushes, PushKind::PMessage).await;
        assert_eq!(patterned, [bulk(&format!("{name}*")), bulk(&name), bulk("to myself")]);
        assert_eq!(next(&mut pushes, PushKind::SMessage).await, [bulk(&name), bulk("to my shard")]);
    });
}

#[test]
fn killed_connection_manager_comes_back_with_all_its_subscriptions() {
    in_runtime(async {
        let name = unique_name("manager", ProtocolVersion::RESP3);
        let (mut manager, mut pushes) = manager(&name).await;
        manager.subscribe(format!("{name}.1")).await.unwrap();
        manager.psubscribe(format!("{name}.p*")).await.unwrap();
        let _: () = redis::cmd("SSUBSCRIBE").arg(format!("{name}.s")).query_async(&mut manager).await.unwrap();

        let mut admin = connection(ProtocolVersion::RESP2);
        kill_subscriber(&mut admin, &name);
        next(&mut pushes, PushKind::Disconnection).await;
        for (command, channel, kind) in [
            ("PUBLISH", "1", PushKind::Message),
            ("PUBLISH", "patterned", PushKind::PMessage),
            ("SPUBLISH", "s", PushKind::SMessage),
        ] {
            let publish = redis::cmd(command).arg(format!("{name}.{channel}")).arg("back").clone();
            while publish.query::<i64>(&mut admin).unwrap() == 0 {
                tokio::time::sleep(Duration::from_millis(10)).await; // it has not subscribed again yet
            }
            assert_eq!(next(&mut pushes, kind).await.pop(), Some(bulk("back")));
        }
    });
}
