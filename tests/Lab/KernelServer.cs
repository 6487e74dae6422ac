using System;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading;

namespace TcpTools.Lab;

/// <summary>A server on the kernel's TCP inside a namespace, run by threads of this process.</summary>
public sealed class KernelServer : IDisposable
{
    private readonly Socket _listener;
    private readonly Action<Socket> _serve;
    private readonly bool _onOneThread;
    private readonly Thread _thread;
    private int _served;

    private KernelServer(Socket listener, Action<Socket> serve, bool onOneThread)
    {
        _listener = listener;
        _serve = serve;
        _onOneThread = onOneThread;
        _thread = new Thread(AcceptAll) { IsBackground = true, Name = "kernel server" };
        _thread.Start();
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndPoint!;

    /// <summary>Connections served to their end.</summary>
    public int Served => Volatile.Read(ref _served);

    /// <summary>What went wrong while serving, if anything did: tests that expect no error look at it.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>
    /// Listens and serves. Each connection has a thread of its own, or, <paramref name="onOneThread"/>, they are served one
    /// after the other. The socket is closed when <paramref name="serve"/> returns.
    /// </summary>
    public static KernelServer Start(
        LabNamespace? place, IPAddress address, int port, Action<Socket> serve, bool onOneThread = false) =>
        new(KernelSocket.Listen(place, address, port), serve, onOneThread);

    /// <summary>Serves one page to whoever asks, whatever is asked, as a web server that closes after the answer.</summary>
    public static Action<Socket> Page(byte[] body) => socket =>
    {
        ReadRequest(socket);
        string head = $"HTTP/1.1 200 OK\r\nServer: kernel\r\nContent-Type: text/plain\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n";
        SendAll(socket, Encoding.ASCII.GetBytes(head));
        SendAll(socket, body);
        socket.Shutdown(SocketShutdown.Send);
        Drain(socket);
    };

    /// <summary>Sends everything back until the peer has finished.</summary>
    public static void Echo(Socket socket)
    {
        socket.NoDelay = true;
        byte[] buffer = new byte[65536];
        for (int count = socket.Receive(buffer); count > 0; count = socket.Receive(buffer))
        {
            SendAll(socket, buffer.AsSpan(0, count));
        }
    }

    /// <summary>Reads until the peer has finished.</summary>
    public static void Drain(Socket socket)
    {
        byte[] buffer = new byte[1 << 18];
        while (socket.Receive(buffer) > 0)
        {
        }
    }

    /// <summary>Sends all of it, as the kernel takes it.</summary>
    public static void SendAll(Socket socket, ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            data = data[socket.Send(data)..];
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _listener.Dispose();
        _thread.Join(TimeSpan.FromSeconds(5));
    }

    private static void ReadRequest(Socket socket)
    {
        byte[] buffer = new byte[8192];
        int length = 0;
        while (buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8) < 0)
        {
            int count = socket.Receive(buffer.AsSpan(length));
            if (count == 0)
            {
                throw new EndOfStreamException("The request ended before its empty line.");
            }

            length += count;
        }
    }

    private void AcceptAll()
    {
        try
        {
            while (true)
            {
                Socket socket = _listener.Accept();
                if (_onOneThread)
                {
                    Serve(socket);
                }
                else
                {
                    new Thread(() => Serve(socket), maxStackSize: 256 * 1024) { IsBackground = true }.Start();
                }
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            // The listener was disposed: the only way to end an accept.
        }
    }

    private void Serve(Socket socket)
    {
        try
        {
            using (socket)
            {
                _serve(socket);
            }
        }
        catch (Exception failure)
        {
            Failure ??= failure;
        }

        Interlocked.Increment(ref _served);
    }
}
