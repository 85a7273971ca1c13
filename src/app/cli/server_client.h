#pragma once
// Commands that ask a server: where it is, with which keys, and the call itself.

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/locations.h"
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

// Besides flags a client heeds the variables that AWS's own tools do.
using app::process_variable;
using app::Variable;

/// Errors: invalid_argument (no address).
[[nodiscard]] Result<server::WebAddress> endpoint_of(const ClientFlags& flags, const Variable& variable);
/// AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY and perhaps AWS_SESSION_TOKEN; else the profile AWS_PROFILE
/// ("default") of AWS_SHARED_CREDENTIALS_FILE (~/.aws/credentials); nothing where neither has keys. Errors:
/// not_found (a profile that was named and has none), those of reading.
[[nodiscard]] Result<std::optional<aws::sigv4::SigningKeys>> keys_of(const Variable& variable);

// Members of an answer, which may be anything.
/// Empty where it is no text.
[[nodiscard]] std::string text_member(const boost::json::object& object, std::string_view name);
/// The objects in a list; what else is in it is left out.
[[nodiscard]] std::vector<boost::json::object> object_members(const boost::json::object& object,
                                                              std::string_view name);

/// Asks a server's own service (its operations: docs/operations.md). A request each; thread-safe.
class ServerClient {
 public:
  /// Looks for address and keys, not for the server. Errors: those of endpoint_of() and keys_of().
  static Result<ServerClient> open(const ClientFlags& flags, const Variable& variable = process_variable);

  /// The answer's document. Errors, with what to do: unavailable (nobody there, or the server cannot now),
  /// permission_denied (the keys, or the rights), corrupt (no answer of such a server), invalid_argument.
  [[nodiscard]] Result<boost::json::object> call(std::string_view operation,
                                                 const boost::json::object& document = {}) const;

 private:
  ServerClient() = default;
  server::WebAddress address_;
  std::optional<aws::sigv4::SigningKeys> keys_;
  std::string region_;
  std::string authorities_file_;
};

}  // namespace sightline::cli
