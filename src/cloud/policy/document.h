#pragma once
// Policy documents: read and checked once, then immutable and shared.

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/failure.h"
#include "cloud/policy/condition.h"
#include "cloud/policy/pattern.h"
#include "cloud/policy/principals.h"

namespace sightline::policy {

/// What a document hangs on; decides what it may say and how AWS words its faults.
enum class DocumentKind : std::uint8_t {
  identity,  ///< inline, of a user, group or role
  managed,   ///< a managed policy
  session,   ///< given to AssumeRole and its like
  trust,     ///< a role's: who may assume it
  resource,  ///< a bucket's, queue's, function's
};

enum class Problem {
  internal,   ///< a bug
  malformed,  ///< the message is AWS's: of IAM, or for `resource` of S3
  too_large,  ///< over the given size; whose it is decides AWS's words, so that the caller words it
};
using Failure = FailureOf<Problem>;
template <typename T>
using Answer = std::expected<T, Failure>;

/// One of a document's statements.
struct Statement {
  std::string sid;
  std::size_t index = 0;  ///< in its document, from 0
  bool allows = false;
  bool not_action = false;
  bool not_resource = false;
  bool not_principal = false;
  std::vector<Pattern> actions;          ///< in lower case
  std::vector<ArnPattern> resources;     ///< of trust policies none, since they mean their role
  std::optional<Principals> principals;  ///< of policies of resources and trust
  std::vector<Condition> conditions;
};

/// Immutable; copies share one state and may be used by several threads.
class Document {
 public:
  /// `max_characters` as AWS counts for the kind: IAM leaves white space out, resources do not. See
  /// is_too_large(). Errors: malformed, too_large. Whatever the text, it takes memory in proportion to its
  /// length.
  [[nodiscard]] static Answer<Document> parse(std::string_view text, DocumentKind kind,
                                              std::size_t max_characters);

  [[nodiscard]] DocumentKind kind() const { return state_->kind; }
  /// As it was given, of sessions and resources. Of others it is empty: what they were made of lies in
  /// tables.
  [[nodiscard]] const std::string& text() const { return state_->text; }
  [[nodiscard]] std::span<const Statement> statements() const { return state_->statements; }

 private:
  struct State {
    DocumentKind kind = DocumentKind::identity;
    std::string text;
    std::vector<Statement> statements;
  };
  explicit Document(std::shared_ptr<const State> state) : state_(std::move(state)) {}

  std::shared_ptr<const State> state_;
};

/// How much text there is of policies that share a limit.
struct PolicySize {
  std::size_t counted = 0;  ///< characters without white space: how IAM measures
  std::size_t bytes = 0;    ///< all that is kept
  PolicySize& operator+=(const PolicySize& other);
};
[[nodiscard]] PolicySize size_of(std::string_view text);
/// By what IAM counts; or by white space that is more than any layout needs, since it is kept and read too.
[[nodiscard]] bool is_too_large(const PolicySize& size, std::size_t max_characters);

}  // namespace sightline::policy
