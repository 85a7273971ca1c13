#include "net/outgoing/http_client.h"

#include <gmock/gmock.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "net/outgoing/test_server.h"

namespace sightline::outgoing {
namespace {

using testing::HasSubstr;
using testing::Not;

Destinations allowing(const std::vector<std::string>& allowed) {
  auto made = Destinations::allowing(allowed);
  EXPECT_TRUE(made) << made.error().message;
  return std::move(made).value_or(Destinations{});
}

HttpOptions to_loopback() {
  HttpOptions options;
  options.destinations = allowing({"127.0.0.0/8", "::1"});
  options.limits.patience = std::chrono::seconds(5);
  return options;
}

HttpRequest get(std::string url) {
  HttpRequest request;
  request.url = std::move(url);
  return request;
}

void serve_hello(test::Peer& peer) {
  peer.read_to("\r\n\r\n");
  peer.write(test::http_answer("hello", "X-Some: thing\r\n"));
}

TEST(HttpClient, GetsAnAnswer) {
  const test::LoopServer server(&serve_hello);
  const auto answer = HttpClient(to_loopback()).send(get(server.url()));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "hello");
  EXPECT_EQ(answer->address, "127.0.0.1");
  ASSERT_EQ(answer->headers.size(), 2U);
  EXPECT_EQ(answer->headers[1].name, "X-Some");
  EXPECT_EQ(answer->headers[1].value, "thing");
}

TEST(HttpClient, SendsMethodHeadersAndBodyAsTheyAre) {
  std::string head;
  std::string body;
  const test::LoopServer server([&](test::Peer& peer) {
    head = peer.read_to("\r\n\r\n");
    body = peer.read(7);
    peer.write(test::http_answer(""));
  });
  HttpRequest request = get(server.url() + "a/b?c=d#e");
  request.headers = {{"Content-Type", "application/json"}, {"X-Empty", ""}};
  request.body = std::string("{\"a\":\0}", 7);
  for (const char* method : {"POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
    request.method = method;
    const auto answer = HttpClient(to_loopback()).send(request);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_THAT(head, testing::StartsWith(std::string(method) + " /a/b?c=d HTTP/1.1\r\n"));
    EXPECT_THAT(head, HasSubstr("\r\nContent-Type: application/json\r\n"));
    EXPECT_THAT(head, HasSubstr("\r\nX-Empty:\r\n"));
    EXPECT_THAT(head, HasSubstr("\r\nContent-Length: 7\r\n"));
    EXPECT_THAT(head, HasSubstr("\r\nUser-Agent: Sightline\r\n"));
    EXPECT_THAT(head, Not(HasSubstr("Expect")));
    EXPECT_EQ(body, request.body);
  }
}

TEST(HttpClient, SaysThatThereIsNoBody) {
  std::string head;
  const test::LoopServer server([&](test::Peer& peer) {
    head = peer.read_to("\r\n\r\n");
    peer.write(head.starts_with("HEAD") ? "HTTP/1.1 204 No Content\r\n\r\n" : test::http_answer("x"));
  });
  HttpRequest request = get(server.url());
  for (const auto& [method, status] : std::vector<std::pair<const char*, int>>{
           {"HEAD", 204}, {"DELETE", 200}, {"POST", 200}, {"PUT", 200}}) {
    request.method = method;
    const auto answer = HttpClient(to_loopback()).send(request);
    ASSERT_TRUE(answer) << method << answer.error().message;
    EXPECT_EQ(answer->status, status);
    EXPECT_THAT(head, testing::StartsWith(std::string(method) + " / "));
    EXPECT_THAT(head, Not(HasSubstr("Content-Type")));
    EXPECT_EQ(head.find("Content-Length: 0\r\n") != std::string::npos, *method == 'P') << head;
  }
}

// However it is written or named, the address that would be connected to is what counts.
TEST(HttpClient, DoesNotConnectToTheMachineItself) {
  const test::LoopServer server(&serve_hello);
  const test::LoopServer v6(&serve_hello, AF_INET6);
  HttpClient client{HttpOptions{}};
  for (const char* host : {"127.0.0.1",
                           "127.1",
                           "0x7f.1",
                           "0x7f000001",
                           "2130706433",
                           "017700000001",
                           "127.0.0.1.",
                           "localhost",
                           "LOCALHOST",
                           "localhost.",
                           "x.localhost",
                           "[::1]",
                           "[::ffff:127.0.0.1]",
                           "[::ffff:7f00:1]",
                           "[0:0:0:0:0:ffff:7f00:1]",
                           "[::127.0.0.1]",
                           "[64:ff9b::7f00:1]",
                           "[2002:7f00:1::]",
                           "0.0.0.0",
                           "0",
                           "[::]"}) {
    for (const int port : {server.port(), v6.port()}) {
      const auto answer =
          client.send(get(std::string("http://") + host + ":" + std::to_string(port) + "/secret"));
      ASSERT_FALSE(answer) << host;
      // Names below localhost, and with a dot at the end, are the resolver's to know or not.
      if (answer.error().kind == ErrorKind::unavailable) {
        EXPECT_THAT(answer.error().message, HasSubstr("resolve")) << host;
        continue;
      }
      EXPECT_EQ(answer.error().kind, ErrorKind::permission_denied) << host << ": " << answer.error().message;
      EXPECT_THAT(answer.error().message, testing::AnyOf(HasSubstr("loopback"), HasSubstr("unspecified")));
      EXPECT_THAT(answer.error().message, Not(HasSubstr("secret")));
    }
  }
  EXPECT_EQ(server.connections() + v6.connections(), 0);
}

TEST(HttpClient, DoesNotConnectToInnerNetworks) {
  const HttpClient client{HttpOptions{}};
  for (const char* host :
       {"10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "224.0.0.1",
        "255.255.255.255", "[fe80::1]", "[fd00::1]", "[ff02::1]", "[64:ff9b::a9fe:a9fe]"}) {
    const auto answer = client.send(get(std::string("http://") + host + "/"));
    ASSERT_FALSE(answer) << host;
    EXPECT_EQ(answer.error().kind, ErrorKind::permission_denied) << host << ": " << answer.error().message;
  }
}

TEST(HttpClient, NamesTheAddressAndTheRule) {
  const HttpClient client{HttpOptions{}};
  EXPECT_THAT(client.send(get("http://localhost:1/")).error().message,
              testing::MatchesRegex("'localhost' leads to (127.0.0.1|::1), a loopback address: .*"));
  EXPECT_EQ(
      client.send(get("http://169.254.169.254/latest/meta-data")).error().message,
      "169.254.169.254 is a link-local address: outgoing connections go to public addresses and to those "
      "that the operator allows");
}

TEST(HttpClient, ConnectsToWhatTheOperatorAllows) {
  const test::LoopServer server(&serve_hello);
  for (const auto& [allowed, host, good] :
       std::vector<std::tuple<const char*, const char*, bool>>{{"127.0.0.1", "127.0.0.1", true},
                                                               {"127.0.0.1", "localhost", true},
                                                               {"127.0.0.1", "0x7f.1", true},
                                                               {"127.0.0.2", "127.0.0.1", false},
                                                               {"127.0.0.0/8", "127.0.0.1", true},
                                                               {"10.0.0.0/8", "127.0.0.1", false},
                                                               {"localhost", "localhost", true},
                                                               {"LocalHost.", "LOCALHOST", true},
                                                               {"localhost", "127.0.0.1", false},
                                                               {"calhost", "localhost", false}}) {
    HttpOptions options;
    options.destinations = allowing({allowed});
    const auto answer = HttpClient(options).send(get(server.url(host)));
    EXPECT_EQ(answer.has_value(), good) << allowed << " for " << host;
  }
}

TEST(HttpClient, FollowsNoRedirect) {
  const test::LoopServer inner(&serve_hello);
  const test::LoopServer server([&](test::Peer& peer) {
    peer.read_to("\r\n\r\n");
    peer.write("HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + inner.url() + "\r\n\r\n");
  });
  const auto answer = HttpClient(to_loopback()).send(get(server.url()));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 302);
  EXPECT_EQ(inner.connections(), 0);
}

TEST(HttpClient, HeedsNoProxyOfTheEnvironment) {
  const test::LoopServer proxy(&serve_hello);
  const test::LoopServer server(&serve_hello);
  for (const char* name : {"http_proxy", "https_proxy", "all_proxy", "ALL_PROXY"})
    ::setenv(name, proxy.url().c_str(), 1);
  const auto answer = HttpClient(to_loopback()).send(get(server.url()));
  for (const char* name : {"http_proxy", "https_proxy", "all_proxy", "ALL_PROXY"}) ::unsetenv(name);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(proxy.connections(), 0);
  EXPECT_EQ(server.connections(), 1);
}

TEST(HttpClient, RefusesOtherUrls) {
  const HttpClient client(to_loopback());
  for (const std::string& url : {std::string("file:///etc/passwd"),
                                 std::string("ftp://127.0.0.1/"),
                                 std::string("gopher://127.0.0.1/"),
                                 std::string("smtp://127.0.0.1/"),
                                 std::string("127.0.0.1"),
                                 std::string("//127.0.0.1/"),
                                 std::string(""),
                                 std::string("http://"),
                                 std::string("http:///path"),
                                 std::string("http:/127.0.0.1/"),
                                 std::string("http://user@127.0.0.1/"),
                                 std::string("http://user:password@127.0.0.1/"),
                                 std::string("http://127.0.0.1:1@example.com/"),
                                 std::string("http://127.0.0.1/\r\nX: y"),
                                 std::string("http://127.0.0.1/ HTTP/1.1"),
                                 std::string("http://127.0.0.1/\0x", 19),
                                 std::string("http://ex\xC3\xA4mple/"),
                                 std::string("http://\xEF\xBC\x91\xEF\xBC\x92\xEF\xBC\x97.0.0.1/"),
                                 std::string("http://127.0.0.1:99999/"),
                                 "http://127.0.0.1/" + std::string(9000, 'a')}) {
    const auto answer = client.send(get(url));
    ASSERT_FALSE(answer) << url;
    EXPECT_EQ(answer.error().kind, ErrorKind::invalid_argument) << url << ": " << answer.error().message;
    EXPECT_THAT(answer.error().message, Not(HasSubstr("password")));
  }
}

TEST(HttpClient, RefusesHeadersThatWouldBreakOutOrFrame) {
  const test::LoopServer server(&serve_hello);
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, std::string>>{{"X", "a\r\nY: b"},
                                                        {"X", "a\nY: b"},
                                                        {"X", "a\rb"},
                                                        {"X", std::string("a\0b", 3)},
                                                        {"X", " a"},
                                                        {"X", "a "},
                                                        {"", "a"},
                                                        {"X Y", "a"},
                                                        {"X:", "a"},
                                                        {"X\r\nY", "a"},
                                                        {"X;", ""},
                                                        {"Host", "example.com"},
                                                        {"content-length", "5"},
                                                        {"Transfer-Encoding", "chunked"},
                                                        {"Connection", "keep-alive"},
                                                        {"Proxy-Authorization", "x"},
                                                        {"X", std::string(9000, 'a')}}) {
    HttpRequest request = get(server.url());
    request.headers = {{name, value}};
    const auto answer = HttpClient(to_loopback()).send(request);
    ASSERT_FALSE(answer) << name << ": " << value;
    EXPECT_EQ(answer.error().kind, ErrorKind::invalid_argument);
  }
  for (const char* method : {"CONNECT", "TRACE", "get", "", "GET / HTTP/1.1\r\nX: y\r\n\r\nGET"}) {
    HttpRequest request = get(server.url());
    request.method = method;
    EXPECT_EQ(HttpClient(to_loopback()).send(request).error().kind, ErrorKind::invalid_argument) << method;
  }
  EXPECT_EQ(server.connections(), 0);
}

TEST(HttpClient, EndsAnEndlessBody) {
  for (const char* framing : {"", "Content-Length: 99999999999\r\n", "Transfer-Encoding: chunked\r\n"}) {
    const test::LoopServer server([&](test::Peer& peer) {
      peer.read_to("\r\n\r\n");
      peer.write(std::string("HTTP/1.1 200 OK\r\n") + framing + "\r\n");
      const std::string kilobyte(1024, 'x');
      while (peer.write(*framing == 'T' ? "400\r\n" + kilobyte + "\r\n" : kilobyte)) {
      }
    });
    HttpOptions options = to_loopback();
    options.limits.max_body = 10'000;
    const auto answer = HttpClient(options).send(get(server.url()));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::too_large) << answer.error().message;
  }
}

TEST(HttpClient, EndsAnEndlessHead) {
  for (const char* piece :
       {"X-More: and more\r\n", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"}) {
    const test::LoopServer server([&](test::Peer& peer) {
      peer.read_to("\r\n\r\n");
      if (*piece == 'X') peer.write("HTTP/1.1 200 OK\r\n");
      while (peer.write(piece)) {
      }
    });
    const auto answer = HttpClient(to_loopback()).send(get(server.url()));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::too_large) << answer.error().message;
  }
}

TEST(HttpClient, TakesABodyOfTheFullSize) {
  const test::LoopServer server([](test::Peer& peer) {
    peer.read_to("\r\n\r\n");
    peer.write(test::http_answer(std::string(10'000, 'x')));
  });
  HttpOptions options = to_loopback();
  options.limits.max_body = 10'000;
  const auto answer = HttpClient(options).send(get(server.url()));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body.size(), 10'000U);
}

TEST(HttpClient, GivesUpOnASlowServer) {
  std::atomic<bool> over = false;
  const test::LoopServer server([&](test::Peer& peer) {
    peer.read_to("\r\n\r\n");
    peer.write("HTTP/1.1 200 OK\r\n\r\n");
    while (!over && peer.write("x")) ::usleep(20'000);  // always another byte
  });
  HttpOptions options = to_loopback();
  options.limits.patience = std::chrono::milliseconds(300);
  const auto begin = std::chrono::steady_clock::now();
  const auto answer = HttpClient(options).send(get(server.url()));
  over = true;
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(answer.error().message, HasSubstr("too slow"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(4));
}

TEST(HttpClient, StopsWhenAsked) {
  std::atomic<bool> over = false;
  const test::LoopServer server([&](test::Peer& peer) {
    peer.read_to("\r\n\r\n");
    while (!over) ::usleep(5'000);
  });
  HttpOptions options = to_loopback();
  options.limits.patience = std::chrono::seconds(60);
  std::stop_source stop;
  const std::jthread stopper([&] {
    ::usleep(100'000);
    stop.request_stop();
  });
  const auto answer = HttpClient(options).send(get(server.url()), stop.get_token());
  over = true;
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::cancelled);
}

TEST(HttpClient, TellsWhatIsNoAnswer) {
  std::string said;
  const test::LoopServer server([&](test::Peer& peer) {
    peer.read_to("\r\n\r\n");
    peer.write(said);
  });
  for (const auto& [text, kind] : std::vector<std::pair<const char*, ErrorKind>>{
           {"", ErrorKind::unavailable},
           {"SSH-2.0-OpenSSH_9\r\n", ErrorKind::corrupt},
           {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", ErrorKind::unavailable}}) {
    said = text;
    const auto answer = HttpClient(to_loopback()).send(get(server.url()));
    ASSERT_FALSE(answer) << text;
    EXPECT_EQ(answer.error().kind, kind) << answer.error().message;
  }
  EXPECT_EQ(HttpClient(to_loopback()).send(get("http://127.0.0.1:1/")).error().kind, ErrorKind::unavailable);
  const auto unknown = HttpClient(to_loopback()).send(get("http://no-such-host.invalid/"));
  EXPECT_EQ(unknown.error().kind, ErrorKind::unavailable) << unknown.error().message;
}

TEST(HttpClient, KeepsNoCookie) {
  std::string head;
  const test::LoopServer server([&](test::Peer& peer) {
    head = peer.read_to("\r\n\r\n");
    peer.write(test::http_answer("", "Set-Cookie: a=b\r\n"));
  });
  const HttpClient client(to_loopback());
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(client.send(get(server.url())));
  EXPECT_THAT(head, Not(HasSubstr("Cookie")));
  EXPECT_EQ(server.connections(), 2);
}

TEST(HttpClient, TrustsNoCertificateThatNobodyKnows) {
  const auto identity = net::make_self_signed({"localhost"}, SystemClock().now());
  ASSERT_TRUE(identity);
  const std::string file = testing::TempDir() + "outgoing_authority.pem";
  std::ofstream(file) << identity->certificate_pem;
  const test::LoopServer server([&](test::Peer& peer) {
    if (!peer.start_tls(*identity)) return;
    serve_hello(peer);
  });
  HttpOptions options = to_loopback();
  const auto strange = HttpClient(options).send(get(server.url("localhost", "https")));
  ASSERT_FALSE(strange);
  EXPECT_EQ(strange.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(strange.error().message, HasSubstr("certificate"));
  options.authorities_file = file;
  const auto trusted = HttpClient(options).send(get(server.url("localhost", "https")));
  ASSERT_TRUE(trusted) << trusted.error().message;
  EXPECT_EQ(trusted->body, "hello");
  const auto misnamed = HttpClient(options).send(get(server.url("127.0.0.1", "https")));
  ASSERT_FALSE(misnamed) << "the certificate is for localhost";
  EXPECT_EQ(misnamed.error().kind, ErrorKind::unavailable);
  std::filesystem::remove(file);
}

TEST(Destinations, AreAddressesNetworksAndNames) {
  for (const char* text :
       {"127.0.0.1", "::1", "10.0.0.0/8", "fd00::/8", "localhost", "a-b.example.", "x1.2y"})
    EXPECT_TRUE(Destinations::allowing(std::vector<std::string>{text})) << text;
  for (const char* text : {"", ".", "*", "*.example", "10.0.0.1/8", "10.0.0.256", "10.0.0", "http://a",
                           "a:80", "[::1]", "a..b", "-a", "a-", "a_b", "a b"})
    EXPECT_FALSE(Destinations::allowing(std::vector<std::string>{text})) << text;
}

}  // namespace
}  // namespace sightline::outgoing
