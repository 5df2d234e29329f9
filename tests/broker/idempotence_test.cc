#include "broker/idempotence.h"

#include <string>
#include <vector>

#include "tests/support/catch.h"

namespace respublica {
namespace {

Fingerprint content(const std::vector<std::string_view>& fields) { return content_id("p", fields).iid; }

}  // namespace

// The log has them: they stay what they are.
TEST_CASE("names and contents have the fingerprints that they always had") {
  CHECK(named_id("p1", "i1").producer.text() == "4f591442440cb1fdabff2dc20555d2f4");
  CHECK(named_id("p1", "i1").iid.text() == "d86339808237c23e0648193848011d12");
  CHECK(content({"a", "1", "b", "2"}).text() == "370470dc5b2de65b8ab1f818bafe5f0f");
}

TEST_CASE("a producer is the same one whatever it names its messages by") {
  const std::vector<std::string_view> fields = {"f", "v"};
  CHECK(named_id("p", "i").producer == content_id("p", fields).producer);
  CHECK(named_id("p", "i").producer != named_id("q", "i").producer);
}

TEST_CASE("a content is the same one in any order of its fields") {
  CHECK(content({"a", "1", "b", "2", "c", "3"}) == content({"c", "3", "a", "1", "b", "2"}));
  CHECK(content({"a", "1", "a", "2"}) == content({"a", "2", "a", "1"}));
  CHECK(content({"", "", "a", ""}) == content({"a", "", "", ""}));
}

TEST_CASE("contents that differ anywhere are others") {
  const std::vector<std::vector<std::string_view>> contents = {
      {"a", "1", "b", "2"}, {"a", "2", "b", "1"},           {"a", "1"},
      {"a", "1", "a", "1"}, {"a", "1", "b", "2", "b", "2"}, {"a1", "", "b", "2"},
      {"a", "1b", "", "2"}, {"a", "1", "B", "2"},           {"ab", "12"}};
  for (std::size_t i = 0; i < contents.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) CHECK(content(contents[i]) != content(contents[k]));
  }
}

TEST_CASE("no name that a producer chooses is that of a content") {
  // What is hashed of the content, as far as it can be said in one name.
  CHECK(named_id("p", "a1").iid != content({"a", "1"}));
  CHECK(named_id("p", content({"a", "1"}).text()).iid != content({"a", "1"}));
}

}  // namespace respublica
