#include "broker/idempotence.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace respublica {
namespace {

/// What a fingerprint is of comes first: an ID that somebody chose is never that of a content.
Fingerprint fingerprint_of(std::string_view what, std::string_view name) {
  FingerprintMaker maker;
  maker.add_part(what);
  maker.add_part(name);
  return maker.finish();
}

Fingerprint fingerprint_of_producer(std::string_view name) { return fingerprint_of("producer", name); }

}  // namespace

IdempotentId named_id(std::string_view producer, std::string_view iid) {
  return {fingerprint_of_producer(producer), fingerprint_of("iid", iid)};
}

IdempotentId content_id(std::string_view producer, std::span<const std::string_view> fields) {
  std::vector<std::pair<std::string_view, std::string_view>> pairs;
  for (std::size_t i = 0; i + 1 < fields.size(); i += 2) pairs.emplace_back(fields[i], fields[i + 1]);
  std::ranges::sort(pairs);
  FingerprintMaker maker;
  maker.add_part("content");
  for (const auto& [name, value] : pairs) {
    maker.add_part(name);
    maker.add_part(value);
  }
  return {fingerprint_of_producer(producer), maker.finish()};
}

}  // namespace respublica
