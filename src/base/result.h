#pragma once
// Errors as values: every function that can fail for an outside reason returns Result<T>.

#include <expected>
#include <string>
#include <utility>

namespace sightline {

/// What kind of failure it is; decides the exit code (app/cli) and, later, the wire's error code.
enum class ErrorKind {
  invalid_argument,   ///< the caller asked for something that makes no sense
  not_found,          ///< a file, model or name that is not there
  already_exists,     ///< refusing to overwrite
  corrupt,            ///< outside bytes that are damaged or are not what they claim to be
  unsupported,        ///< valid, but deliberately not handled
  too_large,          ///< over a stated limit
  permission_denied,  ///< the operating system said no
  no_space,           ///< the disk is full
  io,                 ///< any other failure to read or write
  cancelled,          ///< stopped on request (Ctrl-C)
  unavailable,        ///< a needed part (encoder, model, CPU feature) is missing here
  internal,           ///< a bug
};

/// An error as one line for a person: `message` names the file or value, what is wrong and the remedy.
struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string message;
};

template <typename T>
using Result = std::expected<T, Error>;

[[nodiscard]] inline std::unexpected<Error> fail(ErrorKind kind, std::string message) {
  return std::unexpected<Error>(Error{kind, std::move(message)});
}

namespace detail {
template <typename T, typename E>
T&& unwrap(std::expected<T, E>& result) {
  return std::move(*result);
}
template <typename E>
void unwrap(std::expected<void, E>&) {}
}  // namespace detail

}  // namespace sightline

/// `auto x = TRY(f());` returns f's error to the caller, or goes on with its value. May be nested.
#define TRY(...) SIGHTLINE_TRY_AS(SIGHTLINE_JOIN(sightline_try_, __COUNTER__), __VA_ARGS__)
#define SIGHTLINE_JOIN(a, b) SIGHTLINE_JOIN_EXPANDED(a, b)
#define SIGHTLINE_JOIN_EXPANDED(a, b) a##b
#define SIGHTLINE_TRY_AS(result, ...)                               \
  __extension__({                                                   \
    auto result = (__VA_ARGS__);                                    \
    if (!result) return std::unexpected(std::move(result).error()); \
    ::sightline::detail::unwrap(result);                            \
  })
