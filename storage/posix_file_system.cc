#include "storage/posix_file_system.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <system_error>

namespace respublica {
namespace {

constexpr char kLockName[] = "LOCK";
constexpr auto kMaxSize = static_cast<std::uint64_t>(std::numeric_limits<off_t>::max());

Error failure(int number, std::string_view operation, const std::string& path) {
  ErrorKind kind = ErrorKind::other;
  if (number == ENOSPC || number == EDQUOT || number == EFBIG) kind = ErrorKind::no_space;
  if (number == ENOENT) kind = ErrorKind::not_found;
  return {"cannot " + std::string(operation) + " " + path + ": " + std::generic_category().message(number), kind};
}

/// Makes a system call until no signal interrupts it.
template <typename F>
auto retried(F call) {
  for (;;) {
    const auto result = call();
    if (result != -1 || errno != EINTR) return result;
  }
}

Result<void> outcome(int result, std::string_view operation, const std::string& path) {
  if (result == -1) return failure(errno, operation, path);
  return {};
}

class PosixFile final : public LogFile {
 public:
  PosixFile(std::string path, int file) : path_(std::move(path)), file_(file) {}
  PosixFile(const PosixFile&) = delete;
  PosixFile& operator=(const PosixFile&) = delete;
  ~PosixFile() override { ::close(file_); }

  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) const override {
    std::size_t done = 0;
    while (done < into.size() && offset + done <= kMaxSize) {
      const auto from = static_cast<off_t>(offset + done);
      const ssize_t count = retried([&] { return ::pread(file_, into.data() + done, into.size() - done, from); });
      if (count == -1) return failure(errno, "read", path_);
      if (count == 0) break;
      done += static_cast<std::size_t>(count);
    }
    return done;
  }

  Result<void> write_at(std::uint64_t offset, std::string_view bytes) override {
    if (offset > kMaxSize || bytes.size() > kMaxSize - offset) return failure(EFBIG, "write", path_);
    while (!bytes.empty()) {
      const auto to = static_cast<off_t>(offset);
      const ssize_t count = retried([&] { return ::pwrite(file_, bytes.data(), bytes.size(), to); });
      if (count <= 0) return failure(count == -1 ? errno : EIO, "write", path_);
      bytes.remove_prefix(static_cast<std::size_t>(count));
      offset += static_cast<std::uint64_t>(count);
    }
    return {};
  }

  Result<void> sync() override {
    return outcome(retried([&] { return ::fdatasync(file_); }), "sync", path_);
  }

  Result<void> preallocate(std::uint64_t size) override {
    if (size == 0) return {};
    const Result<std::uint64_t> before = this->size();
    if (!before) return before.error();
    if (size > kMaxSize) return failure(EFBIG, "set space aside for", path_);
    if (retried([&] { return ::fallocate(file_, 0, 0, static_cast<off_t>(size)); }) == 0) return {};
    const int reason = errno;
    Result<void> result =
        reason == EOPNOTSUPP ? write_zeros(before.value(), size) : failure(reason, "set space aside for", path_);
    // Some file systems have grown the file by the part for which there was space. What cannot be cut off is zeros.
    if (!result && size > before.value()) static_cast<void>(truncate(before.value()));
    return result;
  }

  Result<void> occupy(std::uint64_t /*begin*/, std::uint64_t /*end*/) override { return {}; }

  Result<void> truncate(std::uint64_t size) override {
    if (size > kMaxSize) return failure(EFBIG, "resize", path_);
    return outcome(retried([&] { return ::ftruncate(file_, static_cast<off_t>(size)); }), "resize", path_);
  }

  Result<std::uint64_t> size() const override {
    struct stat status {};
    if (::fstat(file_, &status) == -1) return failure(errno, "look at", path_);
    return static_cast<std::uint64_t>(status.st_size);
  }

 private:
  /// What takes space on every file system.
  Result<void> write_zeros(std::uint64_t from, std::uint64_t to) {
    const std::string zeros(64 * 1024, '\0');
    while (from < to) {
      const std::uint64_t count = std::min<std::uint64_t>(to - from, zeros.size());
      if (auto written = write_at(from, std::string_view(zeros).substr(0, count)); !written) return written;
      from += count;
    }
    return {};
  }

  const std::string path_;
  const int file_;
};

/// Makes sure that the name of an open directory lasts.
Result<void> sync_parent(int directory, const std::string& path, bool made) {
  const int parent = retried([&] { return ::openat(directory, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
  // Whoever made the directory for us may see to it that we cannot read its parent.
  if (parent == -1 && errno == EACCES && !made) return {};
  if (parent == -1) return failure(errno, "open the parent of", path);
  const auto synced = outcome(retried([&] { return ::fsync(parent); }), "sync the parent of", path);
  ::close(parent);
  return synced;
}

/// "process N", by what the lock's file says.
std::string owner_of(const LogFile& lock) {
  char text[16];
  const Result<std::size_t> count = lock.read_at(0, text);
  const std::string_view all(text, count ? count.value() : 0);
  const std::string_view number = all.substr(0, all.find('\n'));
  const bool plain = number.size() < all.size() && number.find_first_not_of("0123456789") == std::string_view::npos;
  return plain && !number.empty() ? "process " + std::string(number) : "another process";
}

bool is_plain_file(int directory, const dirent& entry) {
  if (entry.d_type == DT_REG) return true;
  if (entry.d_type != DT_UNKNOWN && entry.d_type != DT_LNK) return false;
  struct stat status {};
  return ::fstatat(directory, entry.d_name, &status, 0) == 0 && S_ISREG(status.st_mode);
}

}  // namespace

Result<std::unique_ptr<PosixFileSystem>> PosixFileSystem::at(const std::string& directory) {
  const bool made = ::mkdir(directory.c_str(), 0750) == 0;
  if (!made && errno != EEXIST) return failure(errno, "make directory", directory);
  const int opened = retried([&] { return ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
  if (opened == -1) return failure(errno, "open directory", directory);
  std::unique_ptr<PosixFileSystem> files(new PosixFileSystem(directory, opened, Access::read_write));
  if (auto synced = sync_parent(opened, directory, made); !synced) {
    if (made) ::rmdir(directory.c_str());
    return synced.error();
  }
  return files;
}

Result<std::unique_ptr<PosixFileSystem>> PosixFileSystem::read_only(const std::string& directory) {
  const int opened = retried([&] { return ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
  if (opened == -1) return failure(errno, "open directory", directory);
  return std::unique_ptr<PosixFileSystem>(new PosixFileSystem(directory, opened, Access::read_only));
}

Result<void> PosixFileSystem::writable(std::string_view operation, const std::string& path) const {
  if (access_ == Access::read_only) return failure(EROFS, operation, path);
  return {};
}

PosixFileSystem::~PosixFileSystem() { ::close(directory_); }

Result<std::unique_ptr<LogFile>> PosixFileSystem::create(const std::string& name) {
  if (auto allowed = writable("create", path_of(name)); !allowed) return allowed.error();
  constexpr int kFlags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC;
  const int file = retried([&] { return ::openat(directory_, name.c_str(), kFlags, 0640); });
  if (file == -1) return failure(errno, "create", path_of(name));
  return std::unique_ptr<LogFile>(new PosixFile(path_of(name), file));
}

Result<std::unique_ptr<LogFile>> PosixFileSystem::open(const std::string& name) {
  const int mode = access_ == Access::read_only ? O_RDONLY : O_RDWR;
  const int file = retried([&] { return ::openat(directory_, name.c_str(), mode | O_CLOEXEC); });
  if (file == -1) return failure(errno, "open", path_of(name));
  return std::unique_ptr<LogFile>(new PosixFile(path_of(name), file));
}

Result<std::vector<std::string>> PosixFileSystem::list() {
  const int copy = retried([&] { return ::openat(directory_, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
  DIR* const entries = copy == -1 ? nullptr : ::fdopendir(copy);
  if (entries == nullptr) {
    const int reason = errno;
    if (copy != -1) ::close(copy);
    return failure(reason, "list directory", path_);
  }
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(entries)) {
    if (is_plain_file(directory_, *entry) && std::string_view(entry->d_name) != kLockName) {
      names.emplace_back(entry->d_name);
    }
    errno = 0;
  }
  const int reason = errno;
  ::closedir(entries);
  if (reason != 0) return failure(reason, "list directory", path_);
  std::ranges::sort(names);
  return names;
}

Result<void> PosixFileSystem::rename(const std::string& from, const std::string& to) {
  if (auto allowed = writable("rename", path_of(from)); !allowed) return allowed;
  const int result = ::renameat(directory_, from.c_str(), directory_, to.c_str());
  return outcome(result, "rename to " + to + " the file", path_of(from));
}

Result<void> PosixFileSystem::remove(const std::string& name) {
  if (auto allowed = writable("remove", path_of(name)); !allowed) return allowed;
  return outcome(::unlinkat(directory_, name.c_str(), 0), "remove", path_of(name));
}

Result<void> PosixFileSystem::sync_directory() {
  return outcome(retried([&] { return ::fsync(directory_); }), "sync directory", path_);
}

Result<void> PosixFileSystem::lock() {
  if (lock_) return {};
  const bool writes = access_ == Access::read_write;
  const int mode = writes ? O_RDWR | O_CREAT : O_RDONLY;
  const int opened = retried([&] { return ::openat(directory_, kLockName, mode | O_CLOEXEC, 0640); });
  // No broker has ever used this directory: a copy, say.
  if (opened == -1 && errno == ENOENT && !writes) return {};
  if (opened == -1) return failure(errno, "open", path_of(kLockName));
  auto file = std::make_unique<PosixFile>(path_of(kLockName), opened);
  if (retried([&] { return ::flock(opened, LOCK_EX | LOCK_NB); }) == -1) {
    if (errno != EWOULDBLOCK) return failure(errno, "lock", path_of(kLockName));
    return Error{"the log in " + path_ + " is in use by " + owner_of(*file)};
  }
  // The lock holds without the number, too: a full disk should not keep the broker from starting.
  const std::string number = std::to_string(::getpid()) + "\n";
  if (writes && file->write_at(0, number)) static_cast<void>(file->truncate(number.size()));
  lock_ = std::move(file);
  return {};
}

}  // namespace respublica
