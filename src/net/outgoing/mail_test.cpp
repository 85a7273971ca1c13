#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "base/base64.h"
#include "base/utf8.h"
#include "net/outgoing/mail_client.h"
#include "net/outgoing/test_server.h"

namespace sightline::outgoing {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class CountingRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override {
    for (std::uint8_t& byte : bytes) byte = next_++;
  }

 private:
  std::uint8_t next_ = 0;
};

class MailClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return Instant(std::chrono::milliseconds(784111777123)); }
};

Mail small_mail() {
  Mail mail;
  mail.from = {"sight@example.com", "Sightline"};
  mail.to = {{"ann@example.org", ""}};
  mail.subject = "A person at the door";
  mail.text = "Look:\nthe door.\n";
  return mail;
}

std::string composed(const Mail& mail) {
  CountingRandom random;
  auto made = compose(mail, MailClock().now(), random);
  EXPECT_TRUE(made) << made.error().message;
  return std::move(made).value_or("");
}

std::string decoded(const std::string& base64) {
  std::string lines = base64;
  std::erase_if(lines, [](char c) { return c == '\r' || c == '\n'; });
  Bytes bytes;
  EXPECT_TRUE(base64_decode(lines, bytes)) << base64;
  return {bytes.begin(), bytes.end()};
}

void expect_lines(const std::string& text) {
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = text.find("\r\n", begin);
    ASSERT_NE(end, std::string::npos) << "ends without CRLF";
    const std::string line = text.substr(begin, end - begin);
    EXPECT_LE(line.size(), 78U) << line;
    for (const char c : line) ASSERT_TRUE(c >= ' ' && c <= '~') << line;
    begin = end + 2;
  }
}

TEST(MailMessage, IsWhatRfc5322Asks) {
  EXPECT_EQ(composed(small_mail()),
            "Date: Sun, 06 Nov 1994 08:49:37 +0000\r\n"
            "From: \"Sightline\"\r\n <sight@example.com>\r\n"
            "To: ann@example.org\r\n"
            "Subject: A person at the door\r\n"
            "Message-ID:\r\n <00010203-0405-4607-8809-0a0b0c0d0e0f@example.com>\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: base64\r\n"
            "\r\n"
            "TG9vazoNCnRoZSBkb29yLg0K\r\n");
}

TEST(MailMessage, HasLinesThatEveryServerTakes) {
  Mail mail = small_mail();
  for (int i = 0; i < 40; ++i) {
    mail.to.push_back({"somebody.with.a.long.address@a-long-domain.example.org", "Some \"Body\" \\ Else"});
    mail.subject += "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x91\x81 and more";
  }
  mail.from.name = "J\xC3\xBCrgen =?x?= B";
  mail.text = std::string(5000, '.');
  mail.html = "<p>Bonjour</p>";
  const std::string text = composed(mail);
  expect_lines(text);
  EXPECT_EQ(text.find("\r\n."), std::string::npos);
  // The subject's words are whole characters, and make up the subject.
  std::string subject;
  std::size_t at = text.find("Subject: ");
  const std::size_t end = text.find("\r\nMessage-ID");
  while ((at = text.find("=?UTF-8?B?", at)) < end) {
    const std::size_t close = text.find("?=", at + 10);
    const std::string word = decoded(text.substr(at + 10, close - at - 10));
    EXPECT_TRUE(is_utf8(word));
    subject += word;
    at = close;
  }
  EXPECT_EQ(subject, mail.subject);
}

TEST(MailMessage, OffersHtmlBesideTheText) {
  Mail mail = small_mail();
  mail.html = "<p>Look</p>";
  const std::string text = composed(mail);
  const std::size_t at = text.find("boundary=\"") + 10;
  const std::string boundary = text.substr(at, text.find('"', at) - at);
  EXPECT_THAT(text, HasSubstr("Content-Type: multipart/alternative;\r\n boundary="));
  const std::size_t plain = text.find("\r\n--" + boundary + "\r\nContent-Type: text/plain");
  const std::size_t html = text.find("\r\n--" + boundary + "\r\nContent-Type: text/html");
  EXPECT_LT(plain, html);
  EXPECT_NE(html, std::string::npos);
  EXPECT_THAT(text, testing::EndsWith("\r\n--" + boundary + "--\r\n"));
}

TEST(MailMessage, NamesNoHiddenRecipient) {
  Mail mail = small_mail();
  mail.to.clear();
  mail.bcc = {{"hidden@example.org", "Hidden"}};
  EXPECT_THAT(composed(mail), Not(testing::AnyOf(HasSubstr("idden"), HasSubstr("To:"))));
}

TEST(MailMessage, MakesCrlfOfEveryLineEnd) {
  Mail mail = small_mail();
  mail.text = "a\nb\r\nc\rd\n.\n\r\n";
  const std::string text = composed(mail);
  EXPECT_EQ(decoded(text.substr(text.find("\r\n\r\n") + 4)), "a\r\nb\r\nc\r\nd\r\n.\r\n\r\n");
}

// Whatever a part holds: it is refused, or the mail has the headers and recipients that it was given.
TEST(MailMessage, LetsNoPartAddAHeader) {
  const std::vector<std::string> breaks{"\r\nBcc: eve@example.net",
                                        "\nBcc: eve@example.net",
                                        "\rBcc: eve@example.net",
                                        "\r\n\r\nBcc: eve@example.net",
                                        std::string("\0Bcc: e", 7),
                                        "\xC2\x85"
                                        "Bcc: e",
                                        "\xE2\x80\xA8"
                                        "Bcc: e",
                                        "\x7F",
                                        "\xFF",
                                        "\xC0\x8A"
                                        "Bcc: e"};
  for (const std::string& bad : breaks) {
    for (const auto& change : std::vector<std::function<void(Mail&)>>{
             [&](Mail& mail) { mail.subject += bad; }, [&](Mail& mail) { mail.from.name += bad; },
             [&](Mail& mail) { mail.from.address += bad; }, [&](Mail& mail) { mail.to[0].name += bad; },
             [&](Mail& mail) { mail.to[0].address += bad; },
             [&](Mail& mail) { mail.cc = {{"bob@example.com", bad}}; },
             [&](Mail& mail) { mail.bcc = {{"bob@example.com" + bad, ""}}; },
             [&](Mail& mail) { mail.reply_to = {{"bob@example.com", bad}}; }}) {
      Mail mail = small_mail();
      change(mail);
      CountingRandom random;
      const auto made = compose(mail, MailClock().now(), random);
      ASSERT_FALSE(made) << *made;
      EXPECT_EQ(made.error().kind, ErrorKind::invalid_argument);
      EXPECT_EQ(made.error().message.find_first_of("\r\n"), std::string::npos);
    }
  }
  Mail mail = small_mail();
  mail.from.name = "a\" <eve@example.net>, \"b";
  EXPECT_THAT(composed(mail),
              HasSubstr("From: \"a\\\" <eve@example.net>, \\\"b\"\r\n <sight@example.com>\r\n"));
  mail.text = "\r\n.\r\nMAIL FROM:<eve@example.net>\r\n";
  EXPECT_THAT(composed(mail), Not(HasSubstr("MAIL")));
}

TEST(MailMessage, RefusesWhatIsNoMail) {
  for (const auto& change : std::vector<std::function<void(Mail&)>>{
           [](Mail& mail) { mail.to.clear(); }, [](Mail& mail) { mail.to.resize(101, mail.to[0]); },
           [](Mail& mail) { mail.subject.assign(999, 'a'); },
           [](Mail& mail) { mail.from.name.assign(257, 'a'); },
           [](Mail& mail) { mail.text.assign((1 << 20) + 1, 'a'); }, [](Mail& mail) { mail.text = "\xFF"; },
           [](Mail& mail) { mail.html = std::string(1, '\0'); }}) {
    Mail mail = small_mail();
    change(mail);
    CountingRandom random;
    EXPECT_FALSE(compose(mail, MailClock().now(), random));
  }
}

TEST(MailAddress, IsADotAtomAtAHostName) {
  for (const char* text : {"a@b", "ann@example.org", "a.b+c=d@x-y.example", "o'neil@example.com", "1@1.2x"})
    EXPECT_TRUE(is_mail_address(text)) << text;
  for (const std::string& text : {std::string(""),           std::string("a"),
                                  std::string("@b"),         std::string("a@"),
                                  std::string("a@b@c"),      std::string(".a@b"),
                                  std::string("a.@b"),       std::string("a..b@c"),
                                  std::string("a b@c"),      std::string("<a@b>"),
                                  std::string("a@b>"),       std::string("a,b@c"),
                                  std::string("\"a b\"@c"),  std::string("a@[127.0.0.1]"),
                                  std::string("a@b.."),      std::string("a@-b"),
                                  std::string("a@b c"),      std::string("a@b\r\n"),
                                  std::string("a\n@b"),      std::string("\xC3\xA4@b"),
                                  std::string("a@\xC3\xA4"), std::string(65, 'a') + "@b",
                                  std::string("a@b\0", 4)})
    EXPECT_FALSE(is_mail_address(text)) << text;
}

struct Received {
  std::vector<std::string> commands;
  std::string text;
  std::string password;
  bool tls = false;
};

// A small mail server: what it answers to each verb may be set.
class SmtpServer {
 public:
  explicit SmtpServer(net::TlsIdentity identity = {}, bool implicit = false)
      : identity_(std::move(identity)),
        implicit_(implicit),
        server_([this](test::Peer& peer) { serve(peer); }) {}

  std::map<std::string, std::string> answers{
      {"RCPT", "250 OK"}, {"DATA", "354 go on"}, {".", "250 taken"}, {"AUTH", "235 welcome"}};
  std::string features = "";
  Received received;

  [[nodiscard]] int port() const { return server_.port(); }
  [[nodiscard]] int connections() const { return server_.connections(); }

 private:
  void serve(test::Peer& peer) {
    received = {};
    if (implicit_ && !(received.tls = peer.start_tls(identity_))) return;
    peer.write("220 mail.example ready\r\n");
    while (true) {
      std::string line = peer.line();
      if (!line.ends_with("\r\n")) return;
      line.resize(line.size() - 2);
      received.commands.push_back(line);
      const std::string verb = line.substr(0, 4);
      if (verb == "EHLO") {
        peer.write("250-mail.example\r\n250" +
                   (features.empty() ? " SIZE" : "-" + features + "\r\n250 SIZE") + "\r\n");
      } else if (line == "STARTTLS") {
        peer.write("220 go on\r\n");
        if (!(received.tls = peer.start_tls(identity_))) return;
      } else if (verb == "QUIT") {
        peer.write("221 bye\r\n");
        return;
      } else if (verb == "DATA" && answers["DATA"].starts_with("354")) {
        peer.write("354 go on\r\n");
        received.text = peer.read_to("\r\n.\r\n");
        peer.write(answers["."] + "\r\n");
      } else if (verb == "AUTH") {
        peer.write("334 \r\n");
        received.password = decoded(peer.line());
        peer.write(answers["AUTH"] + "\r\n");
      } else {
        peer.write((answers.contains(verb) ? answers[verb] : "250 OK") + "\r\n");
      }
    }
  }

  net::TlsIdentity identity_;
  bool implicit_;
  test::LoopServer server_;
};

class MailClientTest : public testing::Test {
 protected:
  Result<void> send(const SmtpServer& server, MailServer how, const Mail& mail = small_mail(),
                    const std::vector<std::string>& allowed = {"127.0.0.1"}) {
    if (how.host.empty()) how.host = "localhost";
    how.port = static_cast<std::uint16_t>(server.port());
    how.own_name = "sight.example.com";
    how.patience = std::chrono::seconds(5);
    const auto client =
        MailClient::create(std::move(how), Destinations::allowing(allowed).value(), clock_, random_);
    if (!client) return std::unexpected(client.error());
    return client->send(mail);
  }
  static MailServer plain() {
    MailServer how;
    how.tls = MailTls::none;
    return how;
  }

  MailClock clock_;
  CountingRandom random_;
};

TEST_F(MailClientTest, HandsAMailOver) {
  SmtpServer server;
  Mail mail = small_mail();
  mail.cc = {{"bob@example.org", ""}};
  mail.bcc = {{"cid@example.org", ""}};
  const auto sent = send(server, plain(), mail);
  ASSERT_TRUE(sent) << sent.error().message;
  const auto& commands = server.received.commands;
  ASSERT_GE(commands.size(), 6U);
  EXPECT_EQ(commands[0], "EHLO sight.example.com");
  EXPECT_THAT(commands[1], StartsWith("MAIL FROM:<sight@example.com>"));
  EXPECT_EQ(commands[2], "RCPT TO:<ann@example.org>");
  EXPECT_EQ(commands[3], "RCPT TO:<bob@example.org>");
  EXPECT_EQ(commands[4], "RCPT TO:<cid@example.org>");
  EXPECT_EQ(commands[5], "DATA");
  EXPECT_THAT(server.received.text, StartsWith("Date: Sun, 06 Nov 1994 08:49:37 +0000\r\n"));
  EXPECT_THAT(server.received.text, testing::EndsWith("TG9vazoNCnRoZSBkb29yLg0K\r\n.\r\n"));
}

TEST_F(MailClientTest, ConnectsWhereItMayAlone) {
  SmtpServer server;
  for (const char* host : {"localhost", "127.0.0.1"}) {
    MailServer how = plain();
    how.host = host;
    const auto sent = send(server, how, small_mail(), {});
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().kind, ErrorKind::permission_denied);
    EXPECT_THAT(sent.error().message, HasSubstr("a loopback address"));
  }
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(MailClientTest, SendsNothingWithoutTheTlsThatItWants) {
  SmtpServer server;  // offers none
  const auto sent = send(server, MailServer{});
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().kind, ErrorKind::unavailable) << sent.error().message;
  for (const std::string& command : server.received.commands) EXPECT_THAT(command, Not(StartsWith("MAIL")));
}

TEST_F(MailClientTest, SendsThePasswordOverTrustedTlsAlone) {
  const auto identity = net::make_self_signed({"localhost"}, SystemClock().now());
  ASSERT_TRUE(identity);
  const std::string file = testing::TempDir() + "mail_authority.pem";
  std::ofstream(file) << identity->certificate_pem;
  for (const MailTls tls : {MailTls::starttls, MailTls::implicit}) {
    SmtpServer server(*identity, tls == MailTls::implicit);
    server.features = tls == MailTls::implicit ? "AUTH PLAIN" : "STARTTLS\r\n250-AUTH PLAIN";
    MailServer how;
    how.tls = tls;
    how.user = "sight";
    how.password = "secret";
    const auto strange = send(server, how);
    ASSERT_FALSE(strange);
    EXPECT_EQ(strange.error().kind, ErrorKind::unavailable);
    EXPECT_THAT(strange.error().message, HasSubstr("certificate"));
    how.authorities_file = file;
    const auto sent = send(server, how);
    ASSERT_TRUE(sent) << sent.error().message;
    EXPECT_TRUE(server.received.tls);
    EXPECT_THAT(server.received.commands, testing::Contains(StartsWith("AUTH PLAIN")));
    EXPECT_EQ(server.received.password, std::string("\0sight\0secret", 13));
    server.answers["AUTH"] = "535 no";
    const auto denied = send(server, how);
    ASSERT_FALSE(denied);
    EXPECT_EQ(denied.error().kind, ErrorKind::permission_denied);
    EXPECT_THAT(denied.error().message, Not(HasSubstr("secret")));
  }
}

TEST_F(MailClientTest, TellsForGoodFromForNow) {
  for (const char* verb : {"RCPT", "DATA", "."}) {
    for (const auto& [answer, kind] : std::vector<std::pair<const char*, ErrorKind>>{
             {"550 no such mailbox", ErrorKind::invalid_argument}, {"451 later", ErrorKind::unavailable}}) {
      SmtpServer server;
      server.answers[verb] = answer;
      const auto sent = send(server, plain());
      ASSERT_FALSE(sent) << verb;
      EXPECT_EQ(sent.error().kind, kind) << verb << ": " << sent.error().message;
      EXPECT_THAT(sent.error().message, testing::EndsWith(answer));
    }
  }
}

TEST_F(MailClientTest, EndsEndlessReplies) {
  const test::LoopServer server([](test::Peer& peer) {
    while (peer.write("220-and more of that\r\n")) {
    }
  });
  MailServer how = plain();
  how.host = "127.0.0.1";
  how.port = static_cast<std::uint16_t>(server.port());
  how.patience = std::chrono::seconds(5);
  const auto client = MailClient::create(
      how, Destinations::allowing(std::vector<std::string>{"127.0.0.1"}).value(), clock_, random_);
  ASSERT_TRUE(client);
  const auto sent = client->send(small_mail());
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().kind, ErrorKind::too_large) << sent.error().message;
}

TEST_F(MailClientTest, RefusesAServerThatIsNone) {
  for (const auto& change : std::vector<std::function<void(MailServer&)>>{
           [](MailServer& how) { how.host = "a/b"; }, [](MailServer& how) { how.host = "user@example.com"; },
           [](MailServer& how) { how.host = "[::1]"; }, [](MailServer& how) { how.host = ""; },
           [](MailServer& how) { how.port = 0; }, [](MailServer& how) { how.own_name = "a\r\nMAIL"; },
           [](MailServer& how) { how.user = "a"; },
           [](MailServer& how) { how.user = "a\r\n", how.password = "b"; },
           [](MailServer& how) { how.tls = MailTls::none, how.user = how.password = "a"; }}) {
    MailServer how;
    how.host = "mail.example.com";
    change(how);
    const auto made = MailClient::create(how, {}, clock_, random_);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().kind, ErrorKind::invalid_argument);
  }
}

}  // namespace
}  // namespace sightline::outgoing
