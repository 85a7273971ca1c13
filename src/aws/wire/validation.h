#pragma once
// A decoded request against what its model demands, told in AWS's own words.

#include <memory>
#include <optional>
#include <span>

#include "aws/wire/service_error.h"
#include "base/result.h"

namespace sightline::aws::wire {

/// Holds the compiled patterns of some services. Safe for every thread.
class Validator {
 public:
  /// ErrorKind::internal where a model's pattern cannot be compiled.
  static Result<Validator> create(std::span<const Service* const> services);
  Validator(Validator&&) noexcept;
  Validator& operator=(Validator&&) noexcept;
  ~Validator();

  /// Every required member is there, and every value keeps to its length, range, pattern and enumeration:
  /// else "N validation errors detected: Value '...' at 'path.to.member' failed to satisfy constraint: ...".
  /// `input` is the decoded request of `operation`.
  [[nodiscard]] std::optional<ServiceError> check(const Operation& operation, const void* input) const;

 private:
  struct Impl;
  explicit Validator(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sightline::aws::wire
