#pragma once
// What the tests of policies share: documents and requests in a line.

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cloud/policy/decision.h"

namespace sightline::policy::test {

inline constexpr std::size_t kRoom = 100'000;
inline constexpr std::string_view kAccount = "111122223333";
inline constexpr std::string_view kOther = "444455556666";

/// Nothing but statements: the version is 2012-10-17 where `text` is an array or an object of one statement.
inline std::string as_document(std::string_view text) {
  if (text.find("\"Statement\"") != std::string_view::npos) return std::string(text);
  return std::string(R"({"Version":"2012-10-17","Statement":)").append(text).append("}");
}

inline Document read(std::string_view text, DocumentKind kind = DocumentKind::identity) {
  auto document = Document::parse(as_document(text), kind, kRoom);
  if (!document) ADD_FAILURE() << document.error().error.message << ": " << text;
  return document ? *document
                  : *Document::parse(as_document(R"({"Effect":"Deny","Action":"*","Resource":"*"})"),
                                     DocumentKind::identity, kRoom);
}

inline std::string fault_of(std::string_view text, DocumentKind kind, std::size_t room = kRoom) {
  const auto document = Document::parse(text, kind, room);
  return document ? "" : document.error().error.message;
}

inline Caller a_user(std::string_view account = kAccount) {
  return {.kind = CallerKind::user,
          .account = account,
          .arn = account == kAccount ? "arn:aws:iam::111122223333:user/team/anna"
                                     : "arn:aws:iam::444455556666:user/anna",
          .name = "anna",
          .id = "AIDAEXAMPLEEXAMPLE01"};
}
inline Caller a_session() {
  return {.kind = CallerKind::session,
          .account = kAccount,
          .arn = "arn:aws:sts::111122223333:assumed-role/worker/night",
          .id = "AROAEXAMPLEEXAMPLE01:night",
          .source_arn = "arn:aws:iam::111122223333:role/jobs/worker",
          .source_id = "AROAEXAMPLEEXAMPLE01"};
}
inline Caller the_root(std::string_view account = kAccount) {
  return {.kind = CallerKind::root,
          .account = account,
          .arn = account == kAccount ? "arn:aws:iam::111122223333:root" : "arn:aws:iam::444455556666:root",
          .id = account};
}

/// A request with all that bears on it.
class Asked {
 public:
  Asked(Caller caller, std::string action, std::string resource)
      : action_(std::move(action)), resource_(std::move(resource)) {
    request_.caller = caller;
    request_.resource_account = kAccount;
    RequestContext around;
    around.now = Instant(std::chrono::sys_days(std::chrono::year(2026) / 7 / 1));
    around.source_ip = "203.0.113.7";
    add_global_keys(caller, around, keys_);
  }
  Asked& with(std::string_view key, std::string value) {
    keys_.set(key, std::move(value));
    return *this;
  }
  Asked& with(std::string_view key, std::vector<std::string> values) {
    keys_.set(key, std::move(values));
    return *this;
  }
  Asked& identity(std::string_view text) { return add(identity_, "identity", text, DocumentKind::identity); }
  Asked& session(std::string_view text) { return add(session_, "session", text, DocumentKind::session); }
  Asked& resource(std::string_view text) {
    return add(resource_policy_, "resource", text, DocumentKind::resource);
  }
  Asked& trust(std::string_view text) { return add(resource_policy_, "trust", text, DocumentKind::trust); }

  [[nodiscard]] const Request& request() {
    request_.action = action_;
    request_.resource = resource_;
    request_.keys = &keys_;
    return request_;
  }
  [[nodiscard]] Policies policies() const {
    Policies all{identity_, session_, {}};
    if (!resource_policy_.empty()) all.resource = resource_policy_.front();
    return all;
  }
  [[nodiscard]] Decision decision() { return decide(request(), policies()); }
  [[nodiscard]] bool allowed() { return decision().allowed(); }
  /// The closing words; empty where it is allowed.
  [[nodiscard]] std::string words() { return closing_words(decision(), action_); }

 private:
  Asked& add(std::vector<AttachedPolicy>& to, std::string_view name, std::string_view text,
             DocumentKind kind) {
    to.push_back({name, &documents_.emplace_back(read(text, kind))});
    return *this;
  }

  std::string action_;
  std::string resource_;
  Request request_;
  Keys keys_;
  std::deque<Document> documents_;
  std::vector<AttachedPolicy> identity_;
  std::vector<AttachedPolicy> session_;
  std::vector<AttachedPolicy> resource_policy_;
};

inline Asked get_object(Caller caller) {
  return {caller, "s3:GetObject", "arn:aws:s3:::pictures/cat.jpg"};
}

}  // namespace sightline::policy::test
