#include "tests/support/simulated_file.h"

#include <algorithm>
#include <iterator>

namespace respublica::test {

std::size_t SimulatedFile::read(std::uint64_t offset, std::span<char> into) const {
  if (offset >= current_.size()) return 0;
  return current_.copy(into.data(), into.size(), offset);
}

void SimulatedFile::write(std::uint64_t offset, std::string_view bytes) {
  if (bytes.empty()) return;
  const std::uint64_t end = offset + bytes.size();
  if (end > current_.size()) change_size(end);
  take(offset, end);
  current_.replace(offset, bytes.size(), bytes);
  for (std::uint64_t i = offset / kSector; i * kSector < end; ++i) unsynced_[i].push_back({sector_of(current_, i)});
}

void SimulatedFile::preallocate(std::uint64_t size) {
  if (size > current_.size()) change_size(size);
  take(0, size);
}

void SimulatedFile::resize(std::uint64_t size) {
  const std::uint64_t before = current_.size();
  if (size == before) return;
  change_size(size);
  const std::string zeros(kSector, '\0');
  for (std::uint64_t i = size / kSector; i * kSector < before && size < before; ++i) {
    if (!unsynced_.contains(i) && sector_of(durable_, i) == zeros) continue;
    const std::size_t cut_at = size > i * kSector ? size % kSector : 0;
    unsynced_[i].push_back({sector_of(current_, i), unsynced_sizes_.size(), cut_at});
  }
  const std::uint64_t kept = std::min<std::uint64_t>((size + kSector - 1) / kSector, taken_.size());
  taken_.resize(kept);
  taken_count_ = static_cast<std::uint64_t>(std::ranges::count(taken_, true));
}

void SimulatedFile::sync() {
  durable_.resize(current_.size());
  for (const auto& [sector, versions] : unsynced_) {
    const std::uint64_t begin = sector * kSector;
    if (begin >= durable_.size()) break;
    durable_.replace(begin, kSector, versions.back().bytes, 0, std::min(kSector, durable_.size() - begin));
  }
  unsynced_.clear();
  unsynced_sizes_.clear();
}

void SimulatedFile::lose_unsynced(SeededRandom& random, SectorWrites writes) {
  // Mostly one fate for the whole file: a crash may come before the disk has begun to write, or when it is nearly done.
  constexpr std::uint64_t kNewestPercent[] = {0, 10, 50, 90, 100};
  const std::uint64_t newest_percent = kNewestPercent[random.below(std::size(kNewestPercent))];
  const std::size_t all = unsynced_sizes_.size();
  const std::size_t changes = random.percent(newest_percent) ? all : static_cast<std::size_t>(random.below(all + 1));

  std::string image = durable_;
  for (const auto& [sector, versions] : unsynced_) {
    const std::uint64_t begin = sector * kSector;
    if (image.size() < begin + kSector) image.resize(begin + kSector);
    image.replace(begin, kSector, survivor(sector, versions, changes, newest_percent, random, writes));
  }
  image.resize(changes == 0 ? durable_.size() : unsynced_sizes_[changes - 1]);
  durable_ = std::move(image);
  unsynced_.clear();
  unsynced_sizes_.clear();
}

std::string SimulatedFile::survivor(std::uint64_t sector, const Versions& versions, std::size_t changes,
                                    std::uint64_t newest_percent, SeededRandom& random, SectorWrites writes) const {
  // Version 0 is on the disk already. None is later than a cut that has not reached the disk.
  const auto unmade = std::ranges::find_if(versions, [&](const Version& version) { return version.cut_by > changes; });
  const auto newest = static_cast<std::size_t>(unmade - versions.begin());
  const auto bytes_of = [&](std::size_t version) {
    return version == 0 ? sector_of(durable_, sector) : versions[version - 1].bytes;
  };
  const std::size_t chosen =
      random.percent(newest_percent) ? newest : static_cast<std::size_t>(random.below(newest + 1));
  std::string bytes = bytes_of(chosen);
  if (writes == SectorWrites::torn && chosen > 0 && random.percent(50)) {
    const std::size_t torn_at = static_cast<std::size_t>(random.below(kSector + 1));
    bytes.replace(torn_at, std::string::npos, bytes_of(chosen - 1), torn_at);
  }
  // Cuts that have reached the disk hold for older versions, too.
  for (std::size_t i = chosen > 0 ? chosen - 1 : 0; i < newest; ++i) {
    if (versions[i].cut_by > 0)
      std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(versions[i].cut_at), bytes.end(), '\0');
  }
  return bytes;
}

void SimulatedFile::crash(SeededRandom& random, SectorWrites writes) {
  lose_unsynced(random, writes);
  current_ = durable_;
  taken_.resize((current_.size() + kSector - 1) / kSector);
  taken_count_ = static_cast<std::uint64_t>(std::ranges::count(taken_, true));
}

bool SimulatedFile::flip_bit(std::uint64_t offset_in_bits) {
  const std::uint64_t byte = offset_in_bits / 8;
  if (byte >= durable_.size()) return false;
  const auto flip = [&](char& c) { c = static_cast<char>(c ^ (1 << (offset_in_bits % 8))); };
  flip(durable_[byte]);
  if (byte < current_.size() && !unsynced_.contains(byte / kSector)) flip(current_[byte]);
  return true;
}

std::uint64_t SimulatedFile::missing_sectors(std::uint64_t begin, std::uint64_t end) const {
  std::uint64_t missing = 0;
  for (std::uint64_t i = begin / kSector; i * kSector < end; ++i) {
    if (i >= taken_.size() || !taken_[i]) ++missing;
  }
  return missing;
}

std::string SimulatedFile::sector_of(const std::string& bytes, std::uint64_t sector) const {
  std::string result = sector * kSector < bytes.size() ? bytes.substr(sector * kSector, kSector) : "";
  result.resize(kSector);
  return result;
}

void SimulatedFile::take(std::uint64_t begin, std::uint64_t end) {
  taken_count_ += missing_sectors(begin, end);
  if (taken_.size() * kSector < end) taken_.resize((end + kSector - 1) / kSector);
  for (std::uint64_t i = begin / kSector; i * kSector < end; ++i) taken_[i] = true;
}

void SimulatedFile::change_size(std::uint64_t size) {
  current_.resize(size);
  unsynced_sizes_.push_back(size);
}

}  // namespace respublica::test
