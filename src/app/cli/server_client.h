#pragma once
// Commands that ask a server: where it is, with which keys, and the call itself.

#include <boost/json.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "app/server/web_address.h"
#include "aws/sigv4/sign.h"
#include "base/result.h"

namespace CLI {
class App;
}

namespace sightline::cli {

inline constexpr const char* kUsualEndpoint = "http://127.0.0.1:4566";

struct ClientFlags {
  std::string endpoint;  ///< empty: AWS_ENDPOINT_URL, else kUsualEndpoint
};
/// --endpoint. `flags` outlives the parsing.
void add_client_flags(CLI::App& command, ClientFlags& flags);

/// Of a command that asks a server or reads `data_folder`. Errors: invalid_argument (both are given).
[[nodiscard]] Result<void> check_source(const ClientFlags& flags, const std::string& data_folder);

/// What a client is told besides flags, as AWS's own tools are.
using Variable = std::function<std::optional<std::string>(const char* name)>;
[[nodiscard]] std::optional<std::string> process_variable(const char* name);

/// Errors: invalid_argument (no address).
[[nodiscard]] Result<server::WebAddress> endpoint_of(const ClientFlags& flags, const Variable& variable);
/// AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY and perhaps AWS_SESSION_TOKEN; else the profile AWS_PROFILE
/// ("default") of AWS_SHARED_CREDENTIALS_FILE (~/.aws/credentials); nothing where neither has keys. Errors:
/// not_found (a profile that was named and has none), those of reading.
[[nodiscard]] Result<std::optional<aws::sigv4::SigningKeys>> keys_of(const Variable& variable);

/// Asks a server's own service (its operations: docs/operations.md). A request each; thread-safe.
class ServerClient {
 public:
  /// Looks for address and keys, not for the server. Errors: those of endpoint_of() and keys_of().
  static Result<ServerClient> open(const ClientFlags& flags, const Variable& variable = process_variable);

  /// The answer's document. Errors, with what to do: unavailable (nobody there, or the server cannot now),
  /// permission_denied (the keys, or the rights), corrupt (no answer of such a server), invalid_argument.
  [[nodiscard]] Result<boost::json::object> call(std::string_view operation) const;

 private:
  ServerClient() = default;
  server::WebAddress address_;
  std::optional<aws::sigv4::SigningKeys> keys_;
  std::string region_;
  std::string authorities_file_;
};

}  // namespace sightline::cli
