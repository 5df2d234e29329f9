#include "server/client_version.h"

#include "tests/support/catch.h"

namespace respublica {

TEST_CASE("clients that know of idempotent producers take the fields about them") {
  CHECK(takes_idempotence_fields("redis-py", "7.2.0"));
  CHECK(takes_idempotence_fields("redis-py(django-redis_v6)", "8.1.0"));
  CHECK(takes_idempotence_fields("go-redis(,go1.26.0)", "9.18.0"));
  CHECK(takes_idempotence_fields("go-redis", "10.0.0-beta.1"));
  CHECK(takes_idempotence_fields("node-redis", "5.11.0"));
  CHECK(takes_idempotence_fields("node-redis", "6"));
  CHECK(takes_idempotence_fields("jedis", "7.3.0"));
}

TEST_CASE("clients that are older, or not known, take the fields of Redis 7 alone") {
  CHECK_FALSE(takes_idempotence_fields("redis-py", "7.1.9"));
  CHECK_FALSE(takes_idempotence_fields("go-redis(,go1.26.0)", "9.17.3"));
  CHECK_FALSE(takes_idempotence_fields("node-redis", "5.9.0"));
  CHECK_FALSE(takes_idempotence_fields("jedis", "6.99"));
  CHECK_FALSE(takes_idempotence_fields("", ""));
  CHECK_FALSE(takes_idempotence_fields("", "99.0"));
  CHECK_FALSE(takes_idempotence_fields("somebody", "99.0"));
  CHECK_FALSE(takes_idempotence_fields("go-redis-cluster", "99.0"));
  for (const char* const none : {"", ".", "v9.18.0", "-9.18", "x", "99999999999999999999.1"}) {
    CHECK_FALSE(takes_idempotence_fields("go-redis", none));
  }
}

}  // namespace respublica
