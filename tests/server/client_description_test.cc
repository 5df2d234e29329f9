#include "server/client_description.h"

#include "tests/support/catch.h"

namespace respublica {
namespace {

TEST_CASE("a line has Redis's fields in Redis's order") {
  ClientDescription client;
  client.id = 7;
  client.address = "127.0.0.1:5000";
  client.local_address = "127.0.0.1:6379";
  client.descriptor = 12;
  client.name = "worker";
  client.age = 100;
  client.idle = 3;
  client.flags = "P";
  client.database = 2;
  client.channels = 4;
  client.patterns = 5;
  client.shard_channels = 6;
  client.watched_keys = 1;
  client.query_buffer_bytes = 20;
  client.output_slices = 2;
  client.output_bytes = 4096;
  client.memory_bytes = 900;
  client.last_command = "client|list";
  client.protocol = 3;
  client.lib_name = "redis-py";
  client.lib_ver = "5.0.1";
  client.io_thread = 1;
  client.network_in_bytes = 11;
  client.network_out_bytes = 22;
  client.commands = 33;
  CHECK(to_line(client) ==
        "id=7 addr=127.0.0.1:5000 laddr=127.0.0.1:6379 fd=12 name=worker age=100 idle=3 flags=P db=2 sub=4 psub=5 "
        "ssub=6 multi=-1 watch=1 qbuf=20 qbuf-free=0 argv-mem=0 multi-mem=0 rbs=0 rbp=0 obl=0 oll=2 omem=4096 "
        "tot-mem=900 events=rw cmd=client|list user=default redir=-1 resp=3 lib-name=redis-py lib-ver=5.0.1 "
        "io-thread=1 tot-net-in=11 tot-net-out=22 tot-cmds=33");
}

TEST_CASE("a client that has done nothing yet has empty names, no command and nothing to write") {
  const std::string line = to_line(ClientDescription());
  CHECK(line.find(" name= ") != std::string::npos);
  CHECK(line.find(" lib-name= lib-ver= ") != std::string::npos);
  CHECK(line.find(" cmd=NULL ") != std::string::npos);
  CHECK(line.find(" events=r ") != std::string::npos);
}

TEST_CASE("inside MULTI the queued commands are counted, and with tracking the redirection is shown") {
  ClientDescription client;
  client.queued_commands = 0;
  client.redirect = 0;
  CHECK(to_line(client).find(" multi=0 ") != std::string::npos);
  CHECK(to_line(client).find(" redir=0 ") != std::string::npos);
  client.queued_commands = 3;
  client.redirect = 9;
  CHECK(to_line(client).find(" multi=3 ") != std::string::npos);
  CHECK(to_line(client).find(" redir=9 ") != std::string::npos);
}

TEST_CASE("client types are known in any case, under old names too") {
  CHECK(client_type_named("NORMAL") == ClientType::normal);
  CHECK(client_type_named("PubSub") == ClientType::pubsub);
  CHECK(client_type_named("replica") == ClientType::replica);
  CHECK(client_type_named("slave") == ClientType::replica);
  CHECK(client_type_named("master") == ClientType::master);
  CHECK_FALSE(client_type_named("monitor"));
  CHECK_FALSE(client_type_named(""));
}

}  // namespace
}  // namespace respublica
