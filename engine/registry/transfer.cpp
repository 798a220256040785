#include "registry/transfer.hpp"

#include <signal.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <exception>

#include <curl/curl.h>

#include "base/text.hpp"
#include "registry/transfer_error.hpp"

namespace gantry::registry {
namespace {

constexpr std::size_t idle_max = 8;
constexpr std::size_t headers_max = 256 << 10;
constexpr long receive_buffer = 256 << 10;

void init_once() {
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (code != CURLE_OK) throw internal(std::string("libcurl: ") + curl_easy_strerror(code));
}

/// OpenSSL writes to sockets with write(2): one that the other side has closed would end the daemon. What is blocked once stays
/// blocked: threads that speak with registries do nothing else.
void block_broken_pipe() {
  thread_local const bool blocked = [] {
    sigset_t broken_pipe;
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    return pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr) == 0;
  }();
  (void)blocked;
}

/// The state of one exchange, which libcurl's callbacks see. An exception never passes through libcurl: it is kept and thrown
/// afterwards.
struct Exchange {
  const HttpRequest& request;
  HttpResponse response;
  std::exception_ptr failure;
  std::size_t header_bytes = 0;
  std::size_t sent = 0;

  template <class F>
  std::size_t guarded(std::size_t aborted, F f) {
    try {
      return f();
    } catch (...) {
      failure = std::current_exception();
      return aborted;
    }
  }

  void begin_head(std::string_view line) {
    response.headers.clear(); // of an interim answer (100, or a proxy's CONNECT)
    auto space = line.find(' ');
    auto rest = space == line.npos ? std::string_view() : line.substr(space + 1);
    auto gap = rest.find(' ');
    response.reason = gap == rest.npos ? std::string() : std::string(rest.substr(gap + 1));
    response.status = std::atoi(std::string(rest.substr(0, 3)).c_str());
  }

  void take_header(std::string_view line) {
    header_bytes += line.size();
    if (header_bytes > headers_max)
      throw TransferError(TransferError::Kind::too_large, "the answer's headers are larger than 256 KiB");
    line = trimmed(line);
    if (line.starts_with("HTTP/")) return begin_head(line);
    auto colon = line.find(':');
    if (colon == line.npos) return;
    response.headers.emplace_back(lower(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
  }

  void take_body(std::string_view bytes) {
    if (request.sink && response.status >= 200 && response.status < 300) return request.sink(response, bytes);
    if (response.body.size() + bytes.size() > request.body_max)
      throw TransferError(TransferError::Kind::too_large, go_operation(request.method, request.url) +
                                                              ": the answer is larger than " + std::to_string(request.body_max) +
                                                              " bytes, which is more than allowed");
    response.body.append(bytes);
  }

  std::size_t give_body(char* buffer, std::size_t size) {
    if (request.read) return request.read(buffer, size);
    auto n = std::min(size, request.body.size() - sent);
    request.body.copy(buffer, n, sent);
    sent += n;
    return n;
  }
};

std::size_t on_header(char* data, std::size_t, std::size_t size, void* self) {
  auto& exchange = *static_cast<Exchange*>(self);
  return exchange.guarded(0, [&] {
    exchange.take_header({data, size});
    return size;
  });
}

std::size_t on_body(char* data, std::size_t, std::size_t size, void* self) {
  auto& exchange = *static_cast<Exchange*>(self);
  return exchange.guarded(CURL_WRITEFUNC_ERROR, [&] {
    exchange.take_body({data, size});
    return size;
  });
}

std::size_t on_read(char* buffer, std::size_t, std::size_t size, void* self) {
  auto& exchange = *static_cast<Exchange*>(self);
  return exchange.guarded(CURL_READFUNC_ABORT, [&] { return exchange.give_body(buffer, size); });
}

using List = std::unique_ptr<curl_slist, void (*)(curl_slist*)>;

List header_list(const HttpRequest& request) {
  List list(nullptr, curl_slist_free_all);
  auto add = [&](const std::string& line) {
    if (line.find_first_of("\r\n") != line.npos) throw invalid("a header for a registry contains a line break");
    list.reset(curl_slist_append(list.release(), line.c_str()));
  };
  add("Expect:");
  for (const auto& [name, value] : request.headers) add(name + ": " + value);
  return list;
}

} // namespace

std::string HttpResponse::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key == name) return value;
  return {};
}

std::vector<std::string> HttpResponse::all(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [key, value] : headers)
    if (key == name) values.push_back(value);
  return values;
}

/// One easy handle in a multi handle of its own: the multi gives a poll that a cancel can cut short, and keeps connections.
struct Transfers::Wire {
  CURL* easy = nullptr;
  CURLM* multi = nullptr;
  std::array<char, CURL_ERROR_SIZE> detail{};

  Wire() : easy(curl_easy_init()), multi(curl_multi_init()) {
    if (!easy || !multi) throw Error(Code::resource_exhausted, "out of memory");
  }
  ~Wire() {
    curl_easy_cleanup(easy);
    curl_multi_cleanup(multi);
  }
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  template <class T>
  void set(CURLoption option, T value) {
    if (auto code = curl_easy_setopt(easy, option, value); code != CURLE_OK)
      throw internal(std::string("libcurl: ") + curl_easy_strerror(code));
  }

  void set_transport(const Transport& t) {
    set(CURLOPT_CONNECTTIMEOUT, static_cast<long>(t.connect_s));
    set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(t.stall_s));
    set(CURLOPT_SSL_VERIFYPEER, t.verify ? 1L : 0L);
    set(CURLOPT_SSL_VERIFYHOST, t.verify ? 2L : 0L);
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!t.ca_pem.empty()) {
      curl_blob certificates{const_cast<char*>(t.ca_pem.data()), t.ca_pem.size(), CURL_BLOB_COPY};
      set(CURLOPT_CAINFO_BLOB, &certificates);
    } else if (const char* file = std::getenv("SSL_CERT_FILE")) {
      set(CURLOPT_CAINFO, file);
    }
    if (!t.cert_file.empty()) set(CURLOPT_SSLCERT, t.cert_file.c_str());
    if (!t.key_file.empty()) set(CURLOPT_SSLKEY, t.key_file.c_str());
  }

  void set_request(const HttpRequest& request, const Transport& transport, const curl_slist* headers, Exchange& exchange) {
    set(CURLOPT_URL, request.url.c_str());
    const auto& proxy = request.url.starts_with("https:") ? transport.https_proxy : transport.http_proxy;
    set(CURLOPT_PROXY, proxy.c_str()); // "" also keeps libcurl from looking at the environment
    set(CURLOPT_NOPROXY, (transport.no_proxy + ",localhost,127.0.0.0/8,::1").c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_BUFFERSIZE, receive_buffer);
    set(CURLOPT_UPLOAD_BUFFERSIZE, receive_buffer);
    set(CURLOPT_USERAGENT, "gantry/" GANTRY_VERSION);
    set(CURLOPT_HTTPHEADER, headers);
    set(CURLOPT_ERRORBUFFER, detail.data());
    set(CURLOPT_HEADERFUNCTION, &on_header);
    set(CURLOPT_HEADERDATA, &exchange);
    set(CURLOPT_WRITEFUNCTION, &on_body);
    set(CURLOPT_WRITEDATA, &exchange);
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    set_method(request, exchange);
  }

  void set_method(const HttpRequest& request, Exchange& exchange) {
    if (request.method == "HEAD") {
      set(CURLOPT_NOBODY, 1L);
      return;
    }
    const bool sends =
        request.read || !request.body.empty() || request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
    if (sends) {
      set(CURLOPT_UPLOAD, 1L);
      set(CURLOPT_READFUNCTION, &on_read);
      set(CURLOPT_READDATA, &exchange);
      set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.read ? request.size : request.body.size()));
    }
    set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }

  CURLcode perform(Cancel& cancel) {
    if (curl_multi_add_handle(multi, easy) != CURLM_OK) throw internal("libcurl: an exchange cannot begin");
    struct Remove {
      Wire& wire;
      ~Remove() { curl_multi_remove_handle(wire.multi, wire.easy); }
    } remove{*this};
    for (int running = 1; running;) {
      cancel.check();
      if (auto code = curl_multi_perform(multi, &running); code != CURLM_OK)
        throw internal(std::string("libcurl: ") + curl_multi_strerror(code));
      if (!running) break;
      curl_waitfd cancelled{cancel.fd(), CURL_WAIT_POLLIN, 0};
      curl_multi_poll(multi, &cancelled, 1, 1000, nullptr);
    }
    int left = 0;
    const CURLMsg* message = curl_multi_info_read(multi, &left);
    return message ? message->data.result : CURLE_RECV_ERROR;
  }

  CurlFailure failure(CURLcode code, const HttpRequest& request, const Transport& transport) {
    CurlFailure f;
    f.code = code;
    f.method = request.method;
    f.url = request.url;
    f.detail = detail.data();
    f.proxy = request.url.starts_with("https:") ? transport.https_proxy : transport.http_proxy;
    char* ip = nullptr;
    double connected = 0;
    curl_easy_getinfo(easy, CURLINFO_PRIMARY_IP, &ip);
    curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &f.os_errno);
    curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &f.verify_result);
    curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME, &connected);
    if (ip) f.ip = ip;
    f.began = connected > 0;
    f.connect_s = transport.connect_s;
    f.stall_s = transport.stall_s;
    return f;
  }
};

Transfers::Transfers() { init_once(); }
Transfers::~Transfers() = default;

std::unique_ptr<Transfers::Wire> Transfers::take() {
  std::lock_guard lock(guard_);
  if (idle_.empty()) return std::make_unique<Wire>();
  auto wire = std::move(idle_.back());
  idle_.pop_back();
  return wire;
}

void Transfers::give(std::unique_ptr<Wire> wire) {
  std::lock_guard lock(guard_);
  if (idle_.size() < idle_max) idle_.push_back(std::move(wire));
}

HttpResponse Transfers::exchange(const HttpRequest& request, const Transport& transport, Cancel& cancel) {
  cancel.check();
  block_broken_pipe();
  auto wire = take();
  curl_easy_reset(wire->easy);
  wire->detail[0] = '\0';
  Exchange exchange{request, {}, nullptr};
  auto headers = header_list(request);
  wire->set_transport(transport);
  wire->set_request(request, transport, headers.get(), exchange);
  auto code = wire->perform(cancel);
  if (exchange.failure) std::rethrow_exception(exchange.failure);
  if (code != CURLE_OK) throw transfer_error(wire->failure(code, request, transport));
  curl_easy_reset(wire->easy); // nothing may point to this exchange
  give(std::move(wire));
  return std::move(exchange.response);
}

} // namespace gantry::registry
