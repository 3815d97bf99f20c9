# SPDX-License-Identifier: Apache-2.0
"""A TLS server in front of the real one, with the same certificate, that can cut an exchange before or after it happened."""

import http.server
import ssl
import threading

from world import call


class CuttingProxy:
    """Passes exchanges on. before_request(n) and after_answer(n), n from 1, are called around the n-th; when one of them
    returns True, the caller's connection is closed without an answer."""

    def __init__(self, world, before_request=lambda n: False, after_answer=lambda n: False):
        proxy = self
        self.count = 0

        class Exchange(http.server.BaseHTTPRequestHandler):
            def pass_on(self):
                proxy.count += 1
                number = proxy.count
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if before_request(number):
                    return self.cut()
                fields = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "content-length", "connection")}
                answer = call(world.portal + self.path, body or None, self.command, world.nobody, fields)
                if after_answer(number):
                    return self.cut()
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    if name not in ("connection", "content-length", "transfer-encoding", "date", "server"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def cut(self):
                self.close_connection = True
                self.connection.close()

            do_GET = do_POST = pass_on

            def log_message(self, *_):
                pass

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*world.tls_files())
        self.listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Exchange)
        self.listener.socket = context.wrap_socket(self.listener.socket, server_side=True)
        self.listener.handle_error = lambda *_: None  # a connection that was cut
        self.url = f"https://localhost:{self.listener.server_address[1]}"
        self.thread = threading.Thread(target=self.listener.serve_forever)
        self.thread.start()

    def close(self):
        self.listener.shutdown()
        self.thread.join()
        self.listener.server_close()
