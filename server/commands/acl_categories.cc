#include "server/commands/acl_categories.h"

#include <algorithm>
#include <array>

namespace respublica {
namespace {

constexpr std::array<std::string_view, 21> kNames = {
    "keyspace", "read",   "write",       "set",       "sortedset",  "list",        "hash",
    "string",   "bitmap", "hyperloglog", "geo",       "stream",     "pubsub",      "admin",
    "fast",     "slow",   "blocking",    "dangerous", "connection", "transaction", "scripting",
};

bool belongs(const CommandRow& row, std::string_view name) {
  const auto flag = [&](std::uint32_t bits) { return (row.flags & bits) != 0; };
  const auto category = [&](std::uint32_t bits) { return (row.acl_categories & bits) != 0; };
  if (name == "keyspace") return category(kAclKeyspace);
  if (name == "read") return flag(kReadonly) && !category(kAclScripting);
  if (name == "write") return flag(kWrite);
  if (name == "pubsub") return flag(kPubsub);
  if (name == "admin") return flag(kAdmin);
  if (name == "fast") return flag(kFast);
  if (name == "slow") return !flag(kFast);
  if (name == "dangerous") return flag(kAdmin) || category(kAclDangerous);
  if (name == "connection") return category(kAclConnection);
  if (name == "transaction") return category(kAclTransaction);
  if (name == "stream") return category(kAclStream);
  if (name == "blocking") return flag(kBlocking);
  if (name == "scripting") return category(kAclScripting);
  return false;
}

}  // namespace

std::span<const std::string_view> acl_category_names() { return kNames; }

std::vector<std::string_view> acl_categories_of(const CommandRow& row) {
  std::vector<std::string_view> categories;
  std::copy_if(kNames.begin(), kNames.end(), std::back_inserter(categories),
               [&](std::string_view name) { return belongs(row, name); });
  return categories;
}

bool is_in_acl_category(const CommandRow& row, std::string_view category) { return belongs(row, category); }

}  // namespace respublica
