#include "net/outgoing/transfer.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <new>
#include <utility>

#include "base/utf8.h"

namespace sightline::outgoing {
namespace {

constexpr std::size_t kKeptOfLine = 300;

CURL* make_easy() {
  // Thread-safe once; later handles find it done.
  static const CURLcode global = curl_global_init(CURL_GLOBAL_DEFAULT);
  return global == CURLE_OK ? curl_easy_init() : nullptr;
}

}  // namespace

Transfer::Transfer(const Destinations& destinations, const TransferLimits& limits, std::string host,
                   std::string destination, const char* protocols, std::stop_token stop)
    : destinations_(destinations),
      limits_(limits),
      host_(std::move(host)),
      destination_(std::move(destination)),
      stop_(std::move(stop)),
      easy_(make_easy(), &curl_easy_cleanup),
      reason_(CURL_ERROR_SIZE, '\0') {
  if (easy_ == nullptr) {
    setup_ = CURLE_FAILED_INIT;
    return;
  }
  set_pointer(CURLOPT_ERRORBUFFER, reason_.data());
  set(CURLOPT_PROTOCOLS_STR, std::string(protocols));
  set(CURLOPT_FOLLOWLOCATION, 0);
  set(CURLOPT_REDIR_PROTOCOLS_STR, std::string(protocols));
  // An empty proxy is none, whatever http_proxy and its like say: a proxy would connect where we must not.
  set(CURLOPT_PROXY, std::string());
  set(CURLOPT_NOPROXY, std::string("*"));
  set(CURLOPT_NETRC, CURL_NETRC_IGNORED);
  set(CURLOPT_SSL_VERIFYPEER, 1);
  set(CURLOPT_SSL_VERIFYHOST, 2);
  set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
  // The decision is made on the address of each connection, so none may be taken over.
  set(CURLOPT_FRESH_CONNECT, 1);
  set(CURLOPT_FORBID_REUSE, 1);
  set(CURLOPT_DNS_CACHE_TIMEOUT, 0);
  note(curl_easy_setopt(easy_.get(), CURLOPT_OPENSOCKETFUNCTION, &Transfer::open_socket));
  set_pointer(CURLOPT_OPENSOCKETDATA, this);
  note(curl_easy_setopt(easy_.get(), CURLOPT_PREREQFUNCTION, &Transfer::before_request));
  set_pointer(CURLOPT_PREREQDATA, this);
  note(curl_easy_setopt(easy_.get(), CURLOPT_HEADERFUNCTION, &Transfer::take_head));
  set_pointer(CURLOPT_HEADERDATA, this);
  note(curl_easy_setopt(easy_.get(), CURLOPT_WRITEFUNCTION, &Transfer::take_data));
  set_pointer(CURLOPT_WRITEDATA, this);
  set(CURLOPT_NOPROGRESS, 0);
  note(curl_easy_setopt(easy_.get(), CURLOPT_XFERINFOFUNCTION, &Transfer::watch));
  set_pointer(CURLOPT_XFERINFODATA, this);
  // No signals in a program of many threads; and no wait for the resolver's thread once time is up.
  set(CURLOPT_NOSIGNAL, 1);
  set(CURLOPT_QUICK_EXIT, 1);
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits.connect_patience.count()));
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(limits.patience.count()));
}

void Transfer::trust(const std::string& authorities_file) {
  if (authorities_file.empty()) return;
  set(CURLOPT_CAINFO, authorities_file);
  note(curl_easy_setopt(easy_.get(), CURLOPT_CAPATH, nullptr));
}

bool Transfer::allows(const std::optional<IpAddress>& address) {
  if (!address) {
    refusal_ = Error{ErrorKind::permission_denied,
                     fmt::format("'{}' leads to an address of no known kind", printable(host_))};
    return false;
  }
  auto allowed = destinations_.check(host_, *address);
  if (allowed) return true;
  refusal_ = std::move(allowed).error();
  return false;
}

curl_socket_t Transfer::open_socket(void* self, curlsocktype purpose, curl_sockaddr* address) {
  auto& transfer = *static_cast<Transfer*>(self);
  if (purpose != CURLSOCKTYPE_IPCXN) return CURL_SOCKET_BAD;
  if (!transfer.allows(address_of(&address->addr, address->addrlen))) return CURL_SOCKET_BAD;
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// What the kernel says the connection leads to: a second look, before the first byte is sent.
int Transfer::before_request(void* self, char* remote, char* /*local*/, int /*remote_port*/,
                             int /*local_port*/) {
  return static_cast<Transfer*>(self)->allows(parse_address(remote)) ? CURL_PREREQFUNC_OK
                                                                     : CURL_PREREQFUNC_ABORT;
}

std::size_t Transfer::take_head(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  transfer.head_bytes_ += size * count;
  if (transfer.head_bytes_ <= transfer.limits_.max_head) {
    const std::size_t kept = std::min(size * count, kKeptOfLine);
    try {
      if (kept > 0 && (*data == '4' || *data == '5')) transfer.last_refusal_.assign(data, kept);
    } catch (const std::bad_alloc&) {  // must not pass through curl's frames
      return 0;
    }
    return size * count;
  }
  transfer.excess_ =
      Error{ErrorKind::too_large, fmt::format("the head of the response of {} has more than {} bytes",
                                              transfer.destination_, transfer.limits_.max_head)};
  return 0;
}

std::size_t Transfer::take_data(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::size_t bytes = size * count;
  if (bytes > transfer.limits_.max_body - transfer.body_.size()) {
    transfer.excess_ =
        Error{ErrorKind::too_large, fmt::format("the response of {} has more than {} bytes",
                                                transfer.destination_, transfer.limits_.max_body)};
    return bytes + 1;
  }
  try {
    transfer.body_.append(data, bytes);
  } catch (const std::bad_alloc&) {  // must not pass through curl's frames
    return bytes + 1;
  }
  return bytes;
}

int Transfer::watch(void* self, curl_off_t /*to_come*/, curl_off_t /*came*/, curl_off_t /*to_go*/,
                    curl_off_t /*gone*/) {
  return static_cast<Transfer*>(self)->stop_.stop_requested() ? 1 : 0;
}

Result<void> Transfer::perform() {
  if (setup_ != CURLE_OK)
    return fail(ErrorKind::internal,
                fmt::format("an outgoing connection cannot be set up: {}", curl_easy_strerror(setup_)));
  if (stop_.stop_requested())
    return fail(ErrorKind::cancelled, fmt::format("the request to {} was stopped", destination_));
  const CURLcode code = curl_easy_perform(easy_.get());
  if (code != CURLE_OK) return std::unexpected(error_of(code));
  return {};
}

std::string Transfer::reason(CURLcode code) const {
  const std::string_view said = reason_.c_str();
  return printable(said.empty() ? std::string_view(curl_easy_strerror(code)) : said);
}

Error Transfer::error_of(CURLcode code) const {
  if (excess_) return *excess_;
  switch (code) {
    case CURLE_COULDNT_CONNECT:
      if (refusal_) return *refusal_;
      break;
    case CURLE_ABORTED_BY_CALLBACK:
      if (stop_.stop_requested())
        return {ErrorKind::cancelled, fmt::format("the request to {} was stopped", destination_)};
      if (refusal_) return *refusal_;
      break;
    case CURLE_OPERATION_TIMEDOUT:
      return {ErrorKind::unavailable,
              fmt::format("{} is too slow: there are {} ms to connect, {} in all", destination_,
                          limits_.connect_patience.count(), limits_.patience.count())};
    case CURLE_LOGIN_DENIED:
      return {ErrorKind::permission_denied,
              fmt::format("{} does not take the user name and password: {}", destination_, reason(code))};
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
      return {ErrorKind::corrupt,
              fmt::format("what {} answers is not of the protocol: {}", destination_, reason(code))};
    case CURLE_FAILED_INIT:
    case CURLE_OUT_OF_MEMORY:
    case CURLE_BAD_FUNCTION_ARGUMENT:
      return {ErrorKind::internal,
              fmt::format("the request to {} cannot be made: {}", destination_, reason(code))};
    default:
      break;
  }
  return {ErrorKind::unavailable, fmt::format("{} does not answer: {}", destination_, reason(code))};
}

long Transfer::response_code() const {
  long code = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &code);
  return code;
}

std::string Transfer::last_refusal() const {
  std::string_view line = last_refusal_;
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  return printable(line);
}

std::string Transfer::connected_address() const {
  const char* address = nullptr;
  curl_easy_getinfo(easy_.get(), CURLINFO_PRIMARY_IP, &address);
  return address == nullptr ? std::string() : std::string(address);
}

}  // namespace sightline::outgoing
