#pragma once
// From a request's head to its handler: find the operation, see who calls, refuse or choose a pool; then,
// once the body is there, verify, decode, validate, run, encode. The order is docs/architecture.md's; no
// service can leave out a step.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "aws/dispatch/authentication.h"
#include "aws/dispatch/operations.h"
#include "aws/wire/router.h"
#include "base/result.h"
#include "net/handler.h"
#include "net/origin_check.h"

namespace sightline::aws::dispatch {

struct DispatcherOptions {
  std::vector<const wire::Service*> services;
  const wire::Service* fallback = nullptr;  ///< answers what names no service: S3
  std::vector<std::string> hosts;           ///< names that buckets may stand before in a Host field
  net::OriginPolicy origins;
  std::string region;  ///< of requests that do not say
  OnTrouble on_trouble;
};

/// Thread-safe. Operations, Authenticator and Clock outlive it.
class Dispatcher {
 public:
  /// Errors: internal, where an operation is listed and has no handler.
  static Result<std::unique_ptr<Dispatcher>> create(DispatcherOptions options, const Operations& operations,
                                                    const Authenticator& authenticator, const Clock& clock);

  /// For a listener: which handler takes this request, or the answer that refuses it.
  [[nodiscard]] net::Decision decide(const net::RequestHead& head) const;
  /// For a listener: the server's own failures in the words of the service that was asked.
  [[nodiscard]] net::Response explain(const net::RequestHead* head, net::Failure failure,
                                      std::string_view detail) const;

 private:
  Dispatcher(DispatcherOptions options, const Operations& operations, const Authenticator& authenticator,
             const Clock& clock);

  /// A request whose operation and key are known.
  struct Pending;
  class UploadTransfer;
  class DownloadTransfer;
  /// What a request comes to, and what its signature excuses, before its origin has been looked at.
  struct Choice {
    net::Decision decision;
    net::OriginExemption exemption = net::OriginExemption::none;
  };
  /// Of a form, once it has been read.
  using Opened = wire::Answer<std::unique_ptr<Pending>>;
  /// What operations that are asked for in forms need, any of them; no pool where there is none.
  struct FormNeeds {
    WorkerPool* pool = nullptr;  ///< that reads the form: one of theirs
    std::uint64_t max_body = 0;
    bool handed_on = false;     ///< to the operation's own pool, or to be parked
    bool any_unsigned = false;  ///< one of them needs no signature
    void add(const Entry& entry);
  };

  [[nodiscard]] Choice choose(const net::RequestHead& head) const;
  [[nodiscard]] wire::Answer<Claim> claim_of(const wire::Operation& operation,
                                             const wire::HttpRequest& request, sigv4::Signature signature,
                                             bool from_this_machine) const;
  /// `signed_for` is null where the form does not say it, or names a service that is not served.
  [[nodiscard]] net::Decision decide_form(const net::RequestHead& head, wire::HttpRequest request,
                                          sigv4::Signature signature, const wire::Service* signed_for) const;
  void run_form(std::unique_ptr<Pending> pending, std::string body, net::Reply reply,
                const WorkerPool& here) const;
  [[nodiscard]] decltype(net::Decision::way) hand_over(Pending pending) const;
  [[nodiscard]] net::Response run_collected(Pending& pending, const std::string& body) const;
  [[nodiscard]] wire::Answer<void> admit(Pending& pending, const std::string& body) const;
  void run_parked(Pending& pending, const std::string& body, net::Reply reply) const;
  void fill_context(Pending& pending, const Caller& caller) const;
  [[nodiscard]] net::Streaming stream(Pending pending) const;
  [[nodiscard]] static wire::Answer<std::unique_ptr<sigv4::PayloadDecoder>> open_payload(
      const Call& call, const Caller& caller);
  [[nodiscard]] static wire::Answer<std::string> read_payload(std::string_view body, const Call& call,
                                                              const Caller& caller);
  template <typename T, typename Work>
  [[nodiscard]] static wire::Answer<T> guarded(const Pending& pending, const Work& work);

  [[nodiscard]] AnswerWriter writer(const wire::Service& service, const wire::Operation* operation,
                                    const net::RequestHead& head) const;

  const DispatcherOptions options_;
  const std::shared_ptr<const OnTrouble> on_trouble_;
  const Operations& operations_;
  const Authenticator& authenticator_;
  const Clock& clock_;
  const wire::Router router_;
  std::unordered_map<const wire::Service*, FormNeeds> form_needs_;  ///< of each service and twin
  FormNeeds any_form_;                                              ///< of all of them
};

}  // namespace sightline::aws::dispatch
