#include "broker/group_rule.h"

#include "tests/support/catch.h"

namespace respublica {
namespace {

using std::chrono::milliseconds;

}  // namespace

TEST_CASE("an entry is exhausted once it was delivered as often as the rule allows, and never without a limit") {
  GroupRule rule;
  rule.max_deliveries = 3;
  CHECK_FALSE(rule.is_exhausted(2));
  CHECK(rule.is_exhausted(3));
  CHECK(rule.is_exhausted(kFatalDeliveries));
  CHECK_FALSE(rule.is_last_chance(1));
  CHECK(rule.is_last_chance(2));
  CHECK_FALSE(rule.is_last_chance(3));
  rule.max_deliveries = 0;
  CHECK_FALSE(rule.is_exhausted(kFatalDeliveries));
  CHECK_FALSE(rule.is_last_chance(kFatalDeliveries));
}

TEST_CASE("what fails again waits longer, as long as there are delays") {
  GroupRule rule;
  rule.backoff = {milliseconds(1), milliseconds(5)};
  CHECK(rule.retry_delay(0) == milliseconds(1));
  CHECK(rule.retry_delay(1) == milliseconds(1));
  CHECK(rule.retry_delay(2) == milliseconds(5));
  CHECK(rule.retry_delay(kFatalDeliveries) == milliseconds(5));
  rule.backoff.clear();
  CHECK(rule.retry_delay(1) == milliseconds(0));
}

TEST_CASE("dead letters go to one channel, or to one of their own for each channel or group") {
  GroupRule rule;
  CHECK(rule.dlq_of("orders", "billing") == "dlq");
  rule.dlq = "dlq:%channel:%group";
  CHECK(rule.dlq_of("orders", "billing") == "dlq:orders:billing");
  CHECK(rule.dlq_of("%group", "b") == "dlq:%group:b");
  rule.dlq = "100%";
  CHECK(rule.dlq_of("orders", "billing") == "100%");
}

TEST_CASE("a pattern matches all channels that the dead letters of a rule may go to") {
  GroupRule rule;
  CHECK(rule.dlq_pattern() == "dlq");
  rule.dlq = "dlq:%channel:%group";
  CHECK(rule.dlq_pattern() == "dlq:*:*");
  rule.dlq = "%channel.dead";
  CHECK(rule.dlq_pattern() == "*.dead");
  rule.dlq = R"(a*b[c\d?%channel)";
  CHECK(rule.dlq_pattern() == R"(a\*b\[c\\d\?*)");
}

}  // namespace respublica
