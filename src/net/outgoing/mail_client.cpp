#include "net/outgoing/mail_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include "base/utf8.h"
#include "net/outgoing/transfer.h"

namespace sightline::outgoing {
namespace {

constexpr std::size_t kMostReplies = 65'536;  // bytes

struct Unsent {
  std::string_view text;
};

std::size_t give_text(char* into, std::size_t size, std::size_t count, void* unsent) {
  std::string_view& text = static_cast<Unsent*>(unsent)->text;
  const std::size_t bytes = std::min(size * count, text.size());
  std::memcpy(into, text.data(), bytes);
  text.remove_prefix(bytes);
  return bytes;
}

using Recipients = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

Result<Recipients> recipients_of(const Mail& mail) {
  Recipients list(nullptr, &curl_slist_free_all);
  for (const auto* group : {&mail.to, &mail.cc, &mail.bcc}) {
    for (const Mailbox& mailbox : *group) {
      curl_slist* const longer = curl_slist_append(list.get(), fmt::format("<{}>", mailbox.address).c_str());
      if (longer == nullptr) return fail(ErrorKind::internal, "no memory for the recipients of a mail");
      (void)list.release();  // it is the beginning of the longer one
      list.reset(longer);
    }
  }
  return list;
}

bool has_control_character(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < ' ' || c == 0x7F; });
}

}  // namespace

Result<MailClient> MailClient::create(MailServer server, Destinations destinations, const Clock& clock,
                                      Random& random) {
  const auto wrong = [](std::string why) { return fail(ErrorKind::invalid_argument, std::move(why)); };
  if (!is_host_name(server.host) && !parse_address(server.host))
    return wrong(fmt::format("the mail server '{}' is no host name or address", printable(server.host)));
  if (!is_host_name(server.own_name))
    return wrong(fmt::format("'{}', as which the mail server is greeted, is no host name",
                             printable(server.own_name)));
  if (server.port == 0) return wrong("the mail server's port is 0");
  if (has_control_character(server.user) || has_control_character(server.password))
    return wrong("the mail server's user name or password holds a control character");
  if (server.user.empty() != server.password.empty())
    return wrong("the mail server needs both a user name and a password, or neither");
  if (server.tls == MailTls::none && !server.user.empty())
    return wrong("no password is sent to a mail server without TLS: choose starttls or implicit");
  return MailClient(std::move(server), std::move(destinations), clock, random);
}

Result<void> MailClient::send(const Mail& mail, std::stop_token stop) const {
  const std::string message = TRY(compose(mail, clock_->now(), *random_));
  const Recipients recipients = TRY(recipients_of(mail));
  const bool v6 = server_.host.find(':') != std::string::npos;
  const std::string host = v6 ? fmt::format("[{}]", server_.host) : server_.host;
  const std::string destination = fmt::format("{}:{}", host, server_.port);
  const bool implicit = server_.tls == MailTls::implicit;

  Transfer transfer(destinations_, {server_.connect_patience, server_.patience, kMostReplies, 0}, host,
                    destination, implicit ? "smtps" : "smtp", std::move(stop));
  transfer.trust(server_.authorities_file);
  transfer.set(CURLOPT_URL,
               fmt::format("{}://{}/{}", implicit ? "smtps" : "smtp", destination, server_.own_name));
  transfer.set(CURLOPT_USE_SSL,
               static_cast<long>(server_.tls == MailTls::none ? CURLUSESSL_NONE : CURLUSESSL_ALL));
  if (!server_.user.empty()) {
    transfer.set(CURLOPT_USERNAME, server_.user);
    transfer.set(CURLOPT_PASSWORD, server_.password);
  }
  transfer.set(CURLOPT_MAIL_FROM, fmt::format("<{}>", mail.from.address));
  transfer.set_pointer(CURLOPT_MAIL_RCPT, recipients.get());
  transfer.set(CURLOPT_UPLOAD, 1);
  transfer.set_size(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(message.size()));
  Unsent unsent{message};
  transfer.set_reader(&give_text, &unsent);
  auto sent = transfer.perform();
  if (sent || (sent.error().kind != ErrorKind::unavailable && sent.error().kind != ErrorKind::corrupt))
    return sent;
  // A reply of 5xx will be the same next time, one of 4xx need not.
  const long code = transfer.response_code();
  if (code < 400 || code > 599) return sent;
  return fail(
      code < 500 ? ErrorKind::unavailable : ErrorKind::invalid_argument,
      fmt::format("the mail server {} does not take the mail: {}", destination, transfer.last_refusal()));
}

}  // namespace sightline::outgoing
