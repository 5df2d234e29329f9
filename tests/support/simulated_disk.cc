#include "tests/support/simulated_disk.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace respublica::test {
namespace {

constexpr std::uint64_t kSector = SimulatedFile::kSector;

const char* verb_of(DiskOperation operation) {
  constexpr const char* kVerbs[] = {"create", "write",          "sync", "set space aside for", "resize", "rename",
                                    "remove", "sync directory", "read"};
  static_assert(std::size(kVerbs) == kDiskOperations);
  return kVerbs[static_cast<std::size_t>(operation)];
}

Error failure(const std::string& verb, const std::string& name, const char* reason, ErrorKind kind = ErrorKind::other) {
  return {"cannot " + verb + " " + name + ": " + reason, kind};
}

Error no_power(const std::string& verb, const std::string& name) {
  return failure(verb, name, "the simulated disk has lost power");
}

Error no_space(DiskOperation operation, const std::string& name) {
  return failure(verb_of(operation), name, "no space left on the simulated disk", ErrorKind::no_space);
}

Error not_found(const char* verb, const std::string& name) {
  return failure(verb, name, "no such file on the simulated disk", ErrorKind::not_found);
}

}  // namespace

class SimulatedDisk::OpenFile final : public LogFile {
 public:
  OpenFile(SimulatedDisk& disk, std::string name, SimulatedDirectory::File file, std::uint64_t life)
      : disk_(disk), name_(std::move(name)), file_(std::move(file)), life_(life) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() override {
    const MutexLock lock(disk_.mutex_);
    if (life_ != disk_.life_) return;
    const auto mine = std::ranges::find(disk_.open_files_, file_);
    if (mine != disk_.open_files_.end()) disk_.open_files_.erase(mine);
  }

  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) const override {
    const MutexLock lock(disk_.mutex_);
    const Verdict verdict = begin_locked(DiskOperation::read);
    if (!happens(verdict)) return verdict.error;
    return file_->read(offset, into);
  }

  Result<void> write_at(std::uint64_t offset, std::string_view bytes) override {
    const MutexLock lock(disk_.mutex_);
    const Verdict verdict = begin_locked(DiskOperation::write);
    if (verdict.course == Course::power_is_off) return verdict.error;
    if (offset > kMaxSize || bytes.size() > kMaxSize - offset) return no_space(DiskOperation::write, name_);
    const std::string_view fitting = bytes.substr(0, fitting_locked(offset, bytes.size()));
    const bool is_part = verdict.course == Course::fails_partly;
    file_->write(offset, is_part ? fitting.substr(0, disk_.random_.below(fitting.size() + 1)) : fitting);
    if (fitting.size() < bytes.size() && outcome(verdict)) return no_space(DiskOperation::write, name_);
    return outcome(verdict);
  }

  Result<void> sync() override {
    const MutexLock lock(disk_.mutex_);
    const Verdict verdict = begin_locked(DiskOperation::sync);
    if (verdict.course == Course::succeeds) file_->sync();
    if (verdict.course == Course::fails_partly) file_->lose_unsynced(disk_.random_, SectorWrites::whole);
    return outcome(verdict);
  }

  Result<void> occupy(std::uint64_t /*begin*/, std::uint64_t /*end*/) override { return {}; }

  Result<void> preallocate(std::uint64_t size) override {
    const MutexLock lock(disk_.mutex_);
    const Verdict verdict = begin_locked(DiskOperation::preallocate);
    if (!happens(verdict)) return verdict.error;
    const bool fits = size <= kMaxSize && file_->missing_sectors(0, size) <= disk_.free_sectors();
    if (!fits) return no_space(DiskOperation::preallocate, name_);
    file_->preallocate(size);
    return outcome(verdict);
  }

  Result<void> truncate(std::uint64_t size) override {
    const MutexLock lock(disk_.mutex_);
    const Verdict verdict = begin_locked(DiskOperation::truncate);
    if (!happens(verdict)) return verdict.error;
    if (size > kMaxSize) return no_space(DiskOperation::truncate, name_);
    file_->resize(size);
    return outcome(verdict);
  }

  Result<std::uint64_t> size() const override {
    const MutexLock lock(disk_.mutex_);
    if (is_dead_locked()) return no_power("look at", name_);
    return file_->size();
  }

 private:
  bool is_dead_locked() const REQUIRES(disk_.mutex_) { return disk_.power_is_off_ || life_ != disk_.life_; }

  Verdict begin_locked(DiskOperation operation) const REQUIRES(disk_.mutex_) {
    if (is_dead_locked()) return {Course::power_is_off, no_power(verb_of(operation), name_)};
    return disk_.begin(operation, name_);
  }

  /// How many bytes there is space for from `offset` on.
  std::size_t fitting_locked(std::uint64_t offset, std::size_t size) const REQUIRES(disk_.mutex_) {
    const std::uint64_t free = disk_.free_sectors();
    std::size_t fitting = size;
    while (fitting > 0 && file_->missing_sectors(offset, offset + fitting) > free) {
      fitting -= std::min(fitting, static_cast<std::size_t>((offset + fitting - 1) % kSector) + 1);
    }
    return fitting;
  }

  SimulatedDisk& disk_;
  const std::string name_;
  const SimulatedDirectory::File file_;
  const std::uint64_t life_;
};

Result<std::unique_ptr<LogFile>> SimulatedDisk::create(const std::string& name) {
  const MutexLock lock(mutex_);
  const Verdict verdict = begin(DiskOperation::create, name);
  if (!happens(verdict)) return verdict.error;
  if (directory_.find(name)) return failure("create", name, "there is such a file on the simulated disk");
  const auto file = std::make_shared<SimulatedFile>();
  directory_.add(name, file);
  if (!outcome(verdict)) return verdict.error;
  return open_locked(name, file);
}

Result<std::unique_ptr<LogFile>> SimulatedDisk::open(const std::string& name) {
  const MutexLock lock(mutex_);
  if (power_is_off_) return no_power("open", name);
  const auto file = directory_.find(name);
  if (!file) return not_found("open", name);
  return open_locked(name, file);
}

Result<std::vector<std::string>> SimulatedDisk::list() {
  const MutexLock lock(mutex_);
  if (power_is_off_) return no_power("list", "the directory");
  std::vector<std::string> names;
  for (const auto& [name, file] : directory_.files()) names.push_back(name);
  return names;
}

Result<void> SimulatedDisk::rename(const std::string& from, const std::string& to) {
  const MutexLock lock(mutex_);
  const Verdict verdict = begin(DiskOperation::rename, from);
  if (!happens(verdict)) return verdict.error;
  const bool exists = directory_.find(from) != nullptr;
  if (exists && from != to) directory_.rename(from, to);
  if (outcome(verdict) && !exists) return not_found("rename", from);
  return outcome(verdict);
}

Result<void> SimulatedDisk::remove(const std::string& name) {
  const MutexLock lock(mutex_);
  const Verdict verdict = begin(DiskOperation::remove, name);
  if (!happens(verdict)) return verdict.error;
  const bool exists = directory_.find(name) != nullptr;
  if (exists) directory_.remove(name);
  if (outcome(verdict) && !exists) return not_found("remove", name);
  return outcome(verdict);
}

Result<void> SimulatedDisk::sync_directory() {
  const MutexLock lock(mutex_);
  const Verdict verdict = begin(DiskOperation::sync_directory, "of the log");
  if (verdict.course == Course::succeeds) directory_.sync();
  return outcome(verdict);
}

Result<void> SimulatedDisk::lock() {
  const MutexLock lock(mutex_);
  if (power_is_off_) return no_power("lock", "the directory");
  return {};
}

void SimulatedDisk::fail(DiskOperation operation, std::uint64_t nth, DiskFault fault) {
  const MutexLock lock(mutex_);
  faults_.push_back({operation, nth, fault});
}

void SimulatedDisk::fail_any(std::uint64_t nth, DiskFault fault) {
  const MutexLock lock(mutex_);
  faults_.push_back({std::nullopt, nth, fault});
}

void SimulatedDisk::crash_at(std::uint64_t nth) {
  const MutexLock lock(mutex_);
  crash_at_ = operations_ + nth;
}

bool SimulatedDisk::has_lost_power() const {
  const MutexLock lock(mutex_);
  return power_is_off_;
}

void SimulatedDisk::crash(std::uint64_t seed, SectorWrites writes) {
  const MutexLock lock(mutex_);
  SeededRandom random(seed);
  directory_.crash(random);
  for (const auto& [name, file] : directory_.files()) file->crash(random, writes);
  open_files_.clear();
  faults_.clear();
  crash_at_ = std::numeric_limits<std::uint64_t>::max();
  power_is_off_ = false;
  ++life_;
}

void SimulatedDisk::set_capacity(std::uint64_t bytes) {
  const MutexLock lock(mutex_);
  capacity_ = bytes;
}

std::uint64_t SimulatedDisk::used() const {
  const MutexLock lock(mutex_);
  return used_sectors() * kSector;
}

bool SimulatedDisk::flip_bit(const std::string& name, std::uint64_t offset_in_bits) {
  const MutexLock lock(mutex_);
  const auto file = directory_.find(name);
  return file && file->flip_bit(offset_in_bits);
}

std::uint64_t SimulatedDisk::operations(DiskOperation operation) const {
  const MutexLock lock(mutex_);
  return counts_[static_cast<std::size_t>(operation)];
}

std::uint64_t SimulatedDisk::operations() const {
  const MutexLock lock(mutex_);
  return operations_;
}

SimulatedDisk::Verdict SimulatedDisk::begin(DiskOperation operation, const std::string& name) {
  if (power_is_off_) return {Course::power_is_off, no_power(verb_of(operation), name)};
  const bool counts = operation != DiskOperation::read;
  ++counts_[static_cast<std::size_t>(operation)];
  if (counts) ++operations_;
  if (counts && operations_ == crash_at_) {
    power_is_off_ = true;
    return {Course::power_fails_in_it, no_power(verb_of(operation), name)};
  }
  Verdict verdict{Course::succeeds, {}};
  for (Fault& fault : faults_) {
    const bool matches = fault.operation ? *fault.operation == operation : counts;
    if (!matches || --fault.remaining > 0) continue;
    const bool is_full = fault.kind == DiskFault::no_space;
    verdict = {Course::fails_partly,
               is_full ? no_space(operation, name) : failure(verb_of(operation), name, "simulated input/output error")};
  }
  std::erase_if(faults_, [](const Fault& fault) { return fault.remaining == 0; });
  return verdict;
}

bool SimulatedDisk::happens(const Verdict& verdict) {
  return verdict.course == Course::succeeds || verdict.course == Course::power_fails_in_it;
}

Result<void> SimulatedDisk::outcome(const Verdict& verdict) {
  if (verdict.course == Course::succeeds) return {};
  return verdict.error;
}

std::unique_ptr<LogFile> SimulatedDisk::open_locked(const std::string& name, const SimulatedDirectory::File& file) {
  open_files_.push_back(file);
  return std::make_unique<OpenFile>(*this, name, file, life_);
}

std::uint64_t SimulatedDisk::free_sectors() const {
  if (capacity_ == std::numeric_limits<std::uint64_t>::max()) return capacity_;
  const std::uint64_t all = capacity_ / kSector;
  return all - std::min(all, used_sectors());
}

std::uint64_t SimulatedDisk::used_sectors() const {
  std::set<SimulatedDirectory::File> all(open_files_.begin(), open_files_.end());
  for (const auto& [name, file] : directory_.files()) all.insert(file);
  std::uint64_t sectors = 0;
  for (const auto& file : all) sectors += file->sectors();
  return sectors;
}

}  // namespace respublica::test
