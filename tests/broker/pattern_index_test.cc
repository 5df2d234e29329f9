#include "broker/pattern_index.h"

#include <list>
#include <random>
#include <string>
#include <vector>

#include "broker/glob_pattern.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

/// A PatternIndex with the patterns it refers to, in the order of their insertion.
class IndexedPatterns {
 public:
  void insert(std::string_view pattern) {
    patterns_.push_back(Topic::create(SubscriptionKind::pattern, 0, pattern));
    index_.insert(*patterns_.back());
  }

  void erase(std::string_view pattern) {
    const auto found =
        std::find_if(patterns_.begin(), patterns_.end(), [&](const auto& each) { return each->name() == pattern; });
    index_.erase(**found);
    patterns_.erase(found);
  }

  std::vector<std::string> match(std::string_view channel) const {
    std::vector<IndexedPattern> entries;
    index_.match(channel, entries);
    std::vector<std::string> names;
    for (const IndexedPattern& entry : entries) names.emplace_back(entry.pattern->name());
    return names;
  }

  std::vector<std::string> match_one_by_one(std::string_view channel) const {
    std::vector<std::string> names;
    for (const auto& pattern : patterns_) {
      if (glob_match(pattern->name(), channel)) names.emplace_back(pattern->name());
    }
    return names;
  }

  bool contains(std::string_view name) const {
    return std::any_of(patterns_.begin(), patterns_.end(), [&](const auto& each) { return each->name() == name; });
  }
  std::size_t size() const { return patterns_.size(); }
  const std::list<Topic::Pointer>& patterns() const { return patterns_; }
  bool empty() const { return index_.empty(); }

 private:
  std::list<Topic::Pointer> patterns_;
  PatternIndex index_;
};

using Names = std::vector<std::string>;

TEST_CASE("Patterns that match are found in the order of their insertion") {
  IndexedPatterns patterns;
  for (const char* pattern : {"*", "news.*", "*.de", "old.*", "news.tech.de", "n?ws.*", "[mn]ews.*.de", "news.*.fr"}) {
    patterns.insert(pattern);
  }
  CHECK(patterns.match("news.tech.de") == Names{"*", "news.*", "*.de", "news.tech.de", "n?ws.*", "[mn]ews.*.de"});
  CHECK(patterns.match("x") == Names{"*"});
  patterns.erase("*");
  patterns.insert("*");
  CHECK(patterns.match("news.fr") == Names{"news.*", "n?ws.*", "*"});
}

TEST_CASE("The empty channel is matched by the empty pattern only") {
  IndexedPatterns patterns;
  for (const char* pattern : {"*", "", "?", "**"}) patterns.insert(pattern);
  CHECK(patterns.match("") == Names{""});
}

TEST_CASE("Thousands of patterns that differ only in their ends are told apart") {
  IndexedPatterns patterns;
  for (int i = 0; i < 3000; ++i) patterns.insert("news.*." + std::to_string(i));
  patterns.insert("news.*");
  CHECK(patterns.match("news.tech.1234") == Names{"news.*.1234", "news.*"});
  CHECK(patterns.match("news.tech.12345") == Names{"news.*"});
  CHECK(patterns.match("old.tech.1234").empty());
}

TEST_CASE("Thousands of patterns that differ only in the middle are told apart") {
  IndexedPatterns patterns;
  for (int i = 0; i < 3000; ++i) patterns.insert("news.*." + std::to_string(i) + ".*");
  CHECK(patterns.match("news.a.1234.b") == Names{"news.*.1234.*"});
  CHECK(patterns.match("news.a.7.b.1234.c.1234.d") == Names{"news.*.7.*", "news.*.1234.*"});
  CHECK(patterns.match("news.a.12345.b").empty());
  for (int i = 0; i < 3000; ++i) patterns.erase("news.*." + std::to_string(i) + ".*");
  CHECK(patterns.empty());
}

TEST_CASE("Beginnings and ends that are longer than the index looks are compared in full") {
  IndexedPatterns patterns;
  const std::string shared(100, 'x');
  for (int i = 0; i < 20; ++i) {
    const std::string number = std::to_string(i);
    patterns.insert(shared + number + "*");
    patterns.insert("*" + number + shared);
    patterns.insert(shared + number + "*" + number + shared);
  }
  CHECK(patterns.match(shared + "7!") == Names{shared + "7*"});
  CHECK(patterns.match(shared + "7!7" + shared) == Names{shared + "7*", "*7" + shared, shared + "7*7" + shared});
}

TEST_CASE("A pattern index finds what trying every pattern finds, through thousands of changes") {
  std::mt19937 random(11);
  const auto text = [&](std::string_view alphabet, std::size_t longest) {
    std::string made;
    for (std::size_t size = random() % (longest + 1); size > 0; --size) {
      made.push_back(alphabet[random() % alphabet.size()]);
    }
    return made;
  };
  constexpr std::string_view kPatternBytes[] = {"ab*", "aabb**?", "ab*?[]\\^-", "abcabcabc*", "aaab*", "*ab"};
  IndexedPatterns patterns;
  std::size_t matches = 0;
  for (int i = 0; i < 6000; ++i) {
    std::string pattern = text(kPatternBytes[random() % std::size(kPatternBytes)], random() % 2 == 0 ? 4 : 14);
    // Enough that are alike at both ends to be divided by their middle.
    if (random() % 3 == 0) pattern = "*" + pattern + "*";
    if (patterns.contains(pattern)) {
      patterns.erase(pattern);
    } else if (patterns.size() < 400) {
      patterns.insert(pattern);
    } else {
      patterns.erase(std::string((*std::next(patterns.patterns().begin(), random() % 400))->name()));
    }
    const std::string channel = text("abc", random() % 2 == 0 ? 4 : 16);
    const Names found = patterns.match(channel);
    matches += found.size();
    REQUIRE(found == patterns.match_one_by_one(channel));
  }
  CHECK(matches > 6000);
  while (patterns.size() > 0) patterns.erase(std::string(patterns.patterns().front()->name()));
  CHECK(patterns.empty());
}

}  // namespace
}  // namespace respublica
