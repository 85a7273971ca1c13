#pragma once
// The operations that tests/wire/smithy.py has generated from the public protocol cases, by name.

#include <map>
#include <memory>
#include <string>

#include "aws/wire/model.h"

namespace sightline::smithy {

struct Subject {
  const aws::wire::Operation* operation = nullptr;
  std::shared_ptr<void> (*request)() = nullptr;
  std::shared_ptr<void> (*response)() = nullptr;
};

inline std::map<std::string, Subject, std::less<>>& subjects() {
  static std::map<std::string, Subject, std::less<>> all;
  return all;
}

struct Error {
  const aws::wire::ErrorType* type = nullptr;
  std::shared_ptr<void> (*members)() = nullptr;
};

inline std::map<std::string, Error, std::less<>>& errors() {
  static std::map<std::string, Error, std::less<>> all;
  return all;
}

/// At namespace level of a generated source: `const Added<s1::Greet> kGreet("s1");`.
template <typename Op>
struct Added {
  explicit Added(std::string name) {
    subjects()[std::move(name)] = {
        &Op::operation, []() -> std::shared_ptr<void> { return std::make_shared<typename Op::Request>(); },
        []() -> std::shared_ptr<void> { return std::make_shared<typename Op::Response>(); }};
  }
};

/// An exception that carries members: `const AddedError<s1::ComplexError> kError("s1", s1::kComplexError);`.
template <typename Members>
struct AddedError {
  AddedError(std::string name, const aws::wire::ErrorType& type) {
    errors()[std::move(name)] = {&type,
                                 []() -> std::shared_ptr<void> { return std::make_shared<Members>(); }};
  }
};

}  // namespace sightline::smithy
