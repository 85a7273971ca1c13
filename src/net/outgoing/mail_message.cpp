#include "net/outgoing/mail_message.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <span>

#include "base/ascii.h"
#include "base/base64.h"
#include "base/utf8.h"
#include "net/outgoing/destinations.h"

namespace sightline::outgoing {
namespace {

constexpr std::size_t kLongestLocalPart = 64;
constexpr std::size_t kLongestAddress = 254;
constexpr std::size_t kLongestName = 256;
constexpr std::size_t kLongestSubject = 998;
constexpr std::size_t kLongestText = 1 << 20;
constexpr std::size_t kMostRecipients = 100;
// "Subject: =?UTF-8?B?" + 52 + "?=" is 73; RFC 2047 has 75 for the word and 76 for its line.
constexpr std::size_t kBytesOfWord = 39;
constexpr std::size_t kLongestPlainWord = 60;

bool is_atom_character(char c) {
  const char lower = to_lower(c);
  return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

bool is_dot_atom(std::string_view text) {
  return !text.empty() && text.front() != '.' && text.back() != '.' &&
         text.find("..") == std::string_view::npos &&
         std::ranges::all_of(text, [](char c) { return c == '.' || is_atom_character(c); });
}

bool is_visible_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

// One line of text in any letters: no control character, of either set.
bool is_line(std::string_view text) {
  if (!is_utf8(text)) return false;
  while (!text.empty()) {
    const Utf8Character character = first_character(text);
    const char32_t c = character.code_point;
    if (c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x2028 || c == 0x2029) return false;
    text.remove_prefix(character.length);
  }
  return true;
}

std::span<const std::uint8_t> bytes_of_text(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// RFC 2047: words of whole characters, each on a line of its own.
std::string encoded_words(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::size_t end = 0;
    while (end < text.size()) {
      const std::size_t length = first_character(text.substr(end)).length;
      if (end + length > kBytesOfWord) break;
      end += length;
    }
    if (!out.empty()) out += "\r\n ";
    out += fmt::format("=?UTF-8?B?{}?=", base64_encode(bytes_of_text(text.substr(0, end))));
    text.remove_prefix(end);
  }
  return out;
}

// What a reader would take for an encoded word must be encoded itself.
bool goes_as_it_is(std::string_view text) {
  return is_visible_ascii(text) && text.size() <= kLongestPlainWord &&
         text.find("=?") == std::string_view::npos && trimmed(text).size() == text.size();
}

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out += '"';
}

std::string mailbox_text(const Mailbox& mailbox) {
  if (mailbox.name.empty()) return mailbox.address;
  const std::string name =
      goes_as_it_is(mailbox.name) ? in_quotes(mailbox.name) : encoded_words(mailbox.name);
  return fmt::format("{}\r\n <{}>", name, mailbox.address);
}

std::string address_header(std::string_view name, std::span<const Mailbox> mailboxes) {
  if (mailboxes.empty()) return {};
  std::string out = fmt::format("{}:", name);
  for (const Mailbox& mailbox : mailboxes) {
    if (&mailbox != &mailboxes.front()) out += ",\r\n";
    out += ' ';
    out += mailbox_text(mailbox);
  }
  return out += "\r\n";
}

// "Sun, 06 Nov 1994 08:49:37 +0000", whatever the locale.
std::string mail_date(Instant now) {
  static constexpr std::string_view kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(now - day));
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} +0000",
                     kDays[std::chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                     kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

// Line ends become CRLF, then everything goes as Base64: no line is too long, none begins with a dot.
std::string text_part(std::string_view type, std::string_view text) {
  std::string canonical;
  canonical.reserve(text.size() + text.size() / 32);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool crlf = text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n';
    if (crlf) continue;
    if (text[i] == '\n' || text[i] == '\r')
      canonical += "\r\n";
    else
      canonical += text[i];
  }
  std::string out =
      fmt::format("Content-Type: {}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n", type);
  const std::string encoded = base64_encode(bytes_of_text(canonical));
  constexpr std::size_t kLine = 76;
  for (std::size_t at = 0; at < encoded.size(); at += kLine) out.append(encoded, at, kLine).append("\r\n");
  return out;
}

std::unexpected<Error> no_mail(std::string message) {
  return fail(ErrorKind::invalid_argument, std::move(message));
}

Result<void> check_mailboxes(std::string_view what, std::span<const Mailbox> mailboxes) {
  for (const Mailbox& mailbox : mailboxes) {
    if (!is_mail_address(mailbox.address))
      return no_mail(fmt::format("'{}' ({}) is no mail address", printable(mailbox.address), what));
    if (mailbox.name.size() > kLongestName || !is_line(mailbox.name))
      return no_mail(fmt::format("the name of {} ({}) is not one line of at most {} bytes of UTF-8",
                                 mailbox.address, what, kLongestName));
  }
  return {};
}

Result<void> check_text(std::string_view what, std::string_view text) {
  if (text.size() > kLongestText || !is_utf8(text) || text.find('\0') != std::string_view::npos)
    return no_mail(fmt::format("the mail's {} is not UTF-8 of at most {} bytes", what, kLongestText));
  return {};
}

Result<void> check_mail(const Mail& mail) {
  TRY(check_mailboxes("From", {&mail.from, 1}));
  TRY(check_mailboxes("To", mail.to));
  TRY(check_mailboxes("Cc", mail.cc));
  TRY(check_mailboxes("Bcc", mail.bcc));
  TRY(check_mailboxes("Reply-To", mail.reply_to));
  const std::size_t recipients = mail.to.size() + mail.cc.size() + mail.bcc.size();
  if (recipients == 0 || recipients > kMostRecipients || mail.reply_to.size() > kMostRecipients)
    return no_mail(fmt::format("a mail has 1 to {} recipients", kMostRecipients));
  if (mail.subject.size() > kLongestSubject || !is_line(mail.subject))
    return no_mail(
        fmt::format("the mail's subject is not one line of at most {} bytes of UTF-8", kLongestSubject));
  TRY(check_text("text", mail.text));
  return check_text("HTML", mail.html);
}

}  // namespace

bool is_mail_address(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos || text.size() > kLongestAddress) return false;
  return at <= kLongestLocalPart && is_dot_atom(text.substr(0, at)) && is_host_name(text.substr(at + 1));
}

Result<std::string> compose(const Mail& mail, Instant now, Random& random) {
  TRY(check_mail(mail));
  const std::string_view domain = std::string_view(mail.from.address).substr(mail.from.address.find('@') + 1);
  std::string out = fmt::format("Date: {}\r\n", mail_date(now));
  out += address_header("From", {&mail.from, 1});
  out += address_header("To", mail.to);
  out += address_header("Cc", mail.cc);
  // A mail to only hidden recipients needs no To (RFC 5322, 3.6).
  out += address_header("Reply-To", mail.reply_to);
  out += fmt::format("Subject: {}\r\n",
                     goes_as_it_is(mail.subject) ? mail.subject : encoded_words(mail.subject));
  out += fmt::format("Message-ID:\r\n <{}@{}>\r\nMIME-Version: 1.0\r\n", make_uuid(random), domain);
  if (mail.html.empty()) return out += text_part("text/plain", mail.text);
  // Base64 holds no "-": the boundary cannot come in a part.
  const std::string boundary = fmt::format("--sightline-{}", make_uuid(random));
  out += fmt::format("Content-Type: multipart/alternative;\r\n boundary=\"{}\"\r\n\r\n", boundary);
  out += fmt::format("--{}\r\n{}", boundary, text_part("text/plain", mail.text));
  out += fmt::format("--{}\r\n{}--{}--\r\n", boundary, text_part("text/html", mail.html), boundary);
  return out;
}

}  // namespace sightline::outgoing
