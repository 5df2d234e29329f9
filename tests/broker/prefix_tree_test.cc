#include "broker/prefix_tree.h"

#include <map>
#include <random>
#include <string>
#include <vector>

#include "tests/support/catch.h"

namespace respublica {
namespace {

using Tree = PrefixTree<std::vector<std::string>>;

std::vector<std::string> prefixes_of(const Tree& tree, std::string_view text) {
  std::vector<std::string> found;
  tree.for_each_prefix_of(
      text, [&](const std::vector<std::string>& values) { found.insert(found.end(), values.begin(), values.end()); });
  return found;
}

void add(Tree& tree, const std::string& key) { tree[key].push_back(key); }

void remove(Tree& tree, const std::string& key) {
  tree.change(key, [](std::vector<std::string>& values) { values.pop_back(); });
}

TEST_CASE("A prefix tree finds the keys that a text begins with, shortest first") {
  Tree tree;
  for (const char* key : {"news.", "news.de.", "new", "n", "old", ""}) add(tree, key);
  CHECK(prefixes_of(tree, "news.de.tech") == std::vector<std::string>{"", "n", "new", "news.", "news.de."});
  CHECK(prefixes_of(tree, "news") == std::vector<std::string>{"", "n", "new"});
  CHECK(prefixes_of(tree, "ol") == std::vector<std::string>{""});
  CHECK(prefixes_of(tree, "") == std::vector<std::string>{""});
}

TEST_CASE("A prefix tree is empty when its last value is taken away") {
  Tree tree;
  CHECK(tree.empty());
  for (const char* key : {"abc", "abd", "ab", ""}) add(tree, key);
  for (const char* key : {"ab", "abd", "", "abc"}) {
    CHECK_FALSE(tree.empty());
    remove(tree, key);
  }
  CHECK(tree.empty());
}

TEST_CASE("A prefix tree agrees with a list of keys through thousands of changes") {
  std::mt19937 random(7);
  const auto text = [&](std::size_t longest) {
    std::string made;
    for (std::size_t size = random() % (longest + 1); size > 0; --size) made.push_back("abc"[random() % 3]);
    return made;
  };
  Tree tree;
  std::map<std::string, int> model;
  for (int i = 0; i < 8000; ++i) {
    const std::string key = text(6);
    if (random() % 2 == 0) {
      add(tree, key);
      ++model[key];
    } else if (model.contains(key)) {
      remove(tree, key);
      if (--model[key] == 0) model.erase(key);
    }
    const std::string probe = text(8);
    std::vector<std::string> expected;
    for (const auto& [name, count] : model) {
      if (probe.starts_with(name)) expected.insert(expected.end(), static_cast<std::size_t>(count), name);
    }
    REQUIRE(prefixes_of(tree, probe) == expected);
    REQUIRE(tree.empty() == model.empty());
  }
}

}  // namespace
}  // namespace respublica
