#pragma once
// Expected failures are values.

#include <string>
#include <utility>
#include <variant>

namespace respublica {

/// Kinds of failure that somebody decides by; all others are for their reader only.
enum class ErrorKind : unsigned char { other, not_found, no_space };

/// Why something failed, as a sentence that its reader (a client, an operator) understands.
struct Error {
  std::string message;
  ErrorKind kind = ErrorKind::other;
};

/// A value or an Error. Read value() only when ok().
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  T& value() { return *std::get_if<0>(&state_); }
  const T& value() const { return *std::get_if<0>(&state_); }
  const Error& error() const { return *std::get_if<1>(&state_); }

 private:
  std::variant<T, Error> state_;
};

/// Success, or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)), failed_(true) {}

  bool ok() const { return !failed_; }
  explicit operator bool() const { return ok(); }
  const Error& error() const { return error_; }

 private:
  Error error_;
  bool failed_ = false;
};

}  // namespace respublica
