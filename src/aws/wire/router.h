#pragma once
// Which operation of which service a request asks for.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aws/wire/http.h"
#include "aws/wire/service_error.h"
#include "aws/wire/unserved_service.h"

namespace sightline::aws::wire {

/// The values of `{Bucket}` and `{Key+}` in a route's URI, decoded.
struct Label {
  std::string_view name;
  std::string value;
};

struct Match {
  const Service* service = nullptr;
  const Operation* operation = nullptr;
  std::vector<Label> labels;
};

/// Why there is no operation, and whose protocol the answer speaks unless the error has a format of its own
/// (of a service that is not served here). `operation` is its name where it is known.
struct NoMatch {
  const Service* service = nullptr;
  ServiceError error;
  std::string operation;
};

/// Safe for every thread. `signer` is everywhere the service that a request says it is signed for, as
/// credential scopes name it; empty where it does not say.
class Router {
 public:
  /// `hosts` are the names that the server is reached by: what stands before one of them, and a point, in a
  /// Host header may be a bucket (my-bucket.localhost) or a service (lambda.localhost). `fallback` answers
  /// what names no service at all.
  Router(std::vector<const Service*> services, const Service* fallback, std::vector<std::string> hosts);

  [[nodiscard]] std::expected<Match, NoMatch> find(const HttpRequest& request, std::string_view signer) const;
  /// The bucket that a Host header names, if `service` has buckets there and is addressed by virtual host.
  [[nodiscard]] std::optional<std::string> bucket_of_host(const Service& service,
                                                          std::string_view host) const;
  /// The service that a request is signed for, in the protocol that the request speaks; null for none that is
  /// served.
  [[nodiscard]] const Service* signed_for(const HttpRequest& request, std::string_view signer) const;
  /// Who answers forms that name no service: one that speaks the query protocol, as whoever sends forms does.
  [[nodiscard]] const Service& answering_forms() const { return *form_fallback_; }

 private:
  [[nodiscard]] std::expected<Match, NoMatch> find_json(const HttpRequest& request, std::string_view target,
                                                        std::string_view signer) const;
  [[nodiscard]] std::expected<Match, NoMatch> find_query(const HttpRequest& request, std::string_view signer,
                                                         const Service* service) const;
  [[nodiscard]] std::expected<Match, NoMatch> find_rest(const HttpRequest& request,
                                                        const Service& service) const;
  /// What stands in a Host header before a name of the server; nothing where nothing does.
  [[nodiscard]] std::optional<std::string_view> before_own_name(std::string_view host) const;
  /// The REST service whose endpoint a Host header names: lambda.localhost, lambda.us-east-1.localhost.
  [[nodiscard]] const Service* named_by_host(std::string_view host) const;
  [[nodiscard]] bool serves(std::string_view signing_name) const;
  [[nodiscard]] NoMatch unserved(const HttpRequest& request, const Unserved& asked) const;

  std::vector<const Service*> services_;
  std::string served_;  ///< signing names, for people
  const Service* fallback_;
  const Service* form_fallback_;
  std::vector<std::string> hosts_;
};

/// Whether the body is a form, as the query protocol sends it.
[[nodiscard]] bool is_form(const HttpRequest& request);

}  // namespace sightline::aws::wire
