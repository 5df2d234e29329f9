#include "broker/subscriber_list.h"

#include <algorithm>
#include <map>
#include <random>
#include <vector>

#include "tests/support/catch.h"

namespace respublica {
namespace {

std::vector<std::uint64_t> numbers(const SubscriberList& list) {
  std::vector<std::uint64_t> found;
  for (const Subscriber subscriber : list.view()) found.push_back(subscriber.number());
  std::sort(found.begin(), found.end());
  return found;
}

TEST_CASE("A list of subscribers starts empty and is empty again when all have left") {
  SubscriberList list;
  CHECK(list.empty());
  CHECK(list.view().empty());
  list.add(Subscriber(0, 0, 1));
  list.add(Subscriber(1, 0, 2));
  CHECK(numbers(list) == std::vector<std::uint64_t>{1, 2});
  list.remove(Subscriber(0, 0, 1));
  CHECK(numbers(list) == std::vector<std::uint64_t>{2});
  list.remove(Subscriber(1, 0, 2));
  CHECK(list.empty());
}

TEST_CASE("A subscriber is reported with the io thread and the lane it was added with") {
  SubscriberList list;
  list.add(Subscriber(3, 1, 42));
  CHECK(list.view().front().io_thread() == 3);
  CHECK(list.view().front().lane() == 1);
  CHECK(list.lanes() == 0b10);
}

TEST_CASE("Lanes are those in use at the moment, however many subscribers there are") {
  for (const std::uint64_t size : {1U, 2U, 10U, 63U, 64U, 65U, 500U}) {
    CAPTURE(size);
    SubscriberList list;
    for (std::uint64_t number = 1; number <= size; ++number) list.add(Subscriber(0, 0, number));
    CHECK(list.lanes() == 0b1);
    list.change_lane(Subscriber(0, 5, size));
    CHECK(list.lanes() == (size == 1 ? 0b100000U : 0b100001U));
    for (std::uint64_t number = 1; number < size; ++number) list.remove(Subscriber(0, 0, number));
    CHECK(list.lanes() == 0b100000);
  }
}

TEST_CASE("A list of subscribers agrees with a map through thousands of changes") {
  std::mt19937 random(3);
  SubscriberList list;
  std::map<std::uint64_t, std::uint64_t> model;
  for (int i = 0; i < 9000; ++i) {
    const std::uint64_t number = random() % 300;
    // Long phases of growth and of decline: the index comes and goes.
    const bool growing = (i / 1500) % 2 == 0;
    const Subscriber subscriber(static_cast<std::uint8_t>(number % 4), static_cast<std::uint8_t>(random() % 2), number);
    if (!model.contains(number)) {
      if (growing || random() % 8 == 0) {
        list.add(subscriber);
        model[number] = subscriber.word;
      }
    } else if (!growing || random() % 8 == 0) {
      list.remove(subscriber);
      model.erase(number);
    } else {
      list.change_lane(subscriber);
      model[number] = subscriber.word;
    }
    std::vector<std::uint64_t> expected;
    std::uint32_t lanes = 0;
    for (const auto& [key, word] : model) {
      expected.push_back(word);
      lanes |= 1U << ((word >> Subscriber::kNumberBits) & 0xff);
    }
    std::vector<std::uint64_t> found;
    for (const Subscriber each : list.view()) found.push_back(each.word);
    std::sort(found.begin(), found.end());
    std::sort(expected.begin(), expected.end());
    REQUIRE(found == expected);
    REQUIRE(list.lanes() == lanes);
    REQUIRE(list.size() == model.size());
  }
}

}  // namespace
}  // namespace respublica
