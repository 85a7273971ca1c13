#pragma once
// Mail that the program sends, through a server that takes it: the one place from which it leaves.

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "net/outgoing/destinations.h"
#include "net/outgoing/mail_message.h"

namespace sightline::outgoing {

enum class MailTls {
  starttls,  ///< plain at first, then TLS or no mail at all (port 587)
  implicit,  ///< TLS from the first byte (port 465)
  none,      ///< everyone on the way may read; never with a password
};

struct MailServer {
  std::string host;  ///< a host name or numeric address; connected to only where Destinations allow
  std::uint16_t port = 587;
  MailTls tls = MailTls::starttls;
  std::string user;                    ///< empty: no authentication. ASCII
  std::string password;                ///< ASCII or UTF-8, without control characters
  std::string own_name = "localhost";  ///< a host name: who we say we are (EHLO)
  std::string authorities_file;        ///< PEM; trusted in place of the system's authorities. Empty: those
  std::chrono::milliseconds connect_patience{10'000};
  std::chrono::milliseconds patience{60'000};  ///< for the whole exchange
};

/// Each mail has a connection of its own; TLS is 1.2 or later, chain and name verified. Heeds no proxy
/// variable and no .netrc. Thread-safe, as `clock` and `random` are, which must outlive it.
class MailClient {
 public:
  /// Errors: invalid_argument (the server's description).
  static Result<MailClient> create(MailServer server, Destinations destinations, const Clock& clock,
                                   Random& random);

  /// Blocks until the server has taken the mail for all recipients (as a server does: a bounce may come
  /// later), or the time is up; within a second of `stop` it returns. Where it fails after the text was sent,
  /// the mail may have been taken all the same. Errors: invalid_argument (the mail, see compose(); or the
  /// server refuses it for good: a reply of 5xx), permission_denied (Destinations, or the password),
  /// unavailable (no name, nobody there, no TLS or none that is trusted, too slow, a reply of 4xx: worth
  /// another try), corrupt (no SMTP), too_large (replies), cancelled, internal.
  [[nodiscard]] Result<void> send(const Mail& mail, std::stop_token stop = {}) const;

 private:
  MailClient(MailServer server, Destinations destinations, const Clock& clock, Random& random)
      : server_(std::move(server)),
        destinations_(std::move(destinations)),
        clock_(&clock),
        random_(&random) {}

  MailServer server_;
  Destinations destinations_;
  const Clock* clock_;
  Random* random_;
};

}  // namespace sightline::outgoing
