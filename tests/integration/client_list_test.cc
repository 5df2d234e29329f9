// CLIENT LIST ID.

#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/raw_client.h"
#include "tests/support/replies.h"
#include "tests/support/running_server.h"

namespace respublica::test {

TEST_CASE("CLIENT LIST ID lists clients of all io threads in the order asked for, and as often") {
  RunningServer server({"--io-threads", "4"});
  std::vector<RawClient> clients;
  std::vector<std::string> ids;
  for (int i = 0; i < 20; ++i) {
    clients.emplace_back(server.port());
    ids.push_back(std::to_string(number_of(clients.back().call({"CLIENT", "ID"}))));
  }
  std::vector<std::string> wanted;
  for (int round = 0; round < 50; ++round) {
    for (std::size_t i = 0; i < ids.size(); ++i) wanted.push_back(ids[(i * 7 + 3) % ids.size()]);
  }
  std::string asking =
      "*" + std::to_string(2 * wanted.size() + 3) + "\r\n" + bulk("CLIENT") + bulk("LIST") + bulk("ID");
  // Every other id is nobody's.
  for (const std::string& id : wanted) asking += bulk(id) + bulk("9" + id + "000");
  clients[0].send(asking);
  const std::vector<std::string> lines = lines_of(text_of(clients[0].read_reply()));
  REQUIRE(lines.size() == wanted.size());
  for (std::size_t i = 0; i < lines.size(); ++i) REQUIRE(field_of(lines[i], "id") == wanted[i]);
}

}  // namespace respublica::test
