#pragma once
// A mail as text (RFC 5322, MIME), whatever its parts hold.

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"

namespace sightline::outgoing {

struct Mailbox {
  std::string address;  ///< "ann@example.com": see is_mail_address()
  std::string name;     ///< UTF-8 of at most 256 bytes, without control characters; may be empty
};

struct Mail {
  Mailbox from;
  std::vector<Mailbox> to;  ///< 1 to 100 with cc and bcc
  std::vector<Mailbox> cc;
  std::vector<Mailbox> bcc;  ///< get the mail and are not named in it
  std::vector<Mailbox> reply_to;
  std::string subject;  ///< UTF-8 of at most 998 bytes, without control characters
  std::string text;     ///< UTF-8 of at most 1 MiB; lines end with \n or \r\n
  std::string html;     ///< the same; empty: only plain text
};

/// Local part: 1 to 64 characters, ASCII letters, digits and !#$%&'*+-/=?^_`{|}~ in parts divided by dots.
/// Domain: a host name (names of other letters as "xn--"). Quoted local parts and [addresses] are refused.
[[nodiscard]] bool is_mail_address(std::string_view text);

/// The mail with CRLF line ends, no line over 78 bytes but where one address is longer; only ASCII. Nothing
/// in the parts can add a header or a recipient. Date is `now`, Message-ID is random in the sender's domain.
/// Errors: invalid_argument (the message names the part). Thread-safe.
[[nodiscard]] Result<std::string> compose(const Mail& mail, Instant now, Random& random);

}  // namespace sightline::outgoing
