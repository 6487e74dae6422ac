using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;

namespace TcpTools.Lab;

/// <summary>nginx inside a namespace, with pages made for the occasion in a directory that goes with it.</summary>
public sealed class NginxServer : IDisposable
{
    private readonly string _directory;
    private readonly LabProcess _process;

    private NginxServer(string directory, LabProcess process, IPEndPoint endPoint)
    {
        _directory = directory;
        _process = process;
        EndPoint = endPoint;
    }

    /// <summary>Why there is none here, or null.</summary>
    public static string? Obstacle => Tool.Find("nginx") is null ? "nginx is not installed (package nginx-light)" : null;

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>What it says of itself.</summary>
    public static string Version => Tool.Try("nginx", "-v").Error.Trim().Split(' ').Last();

    /// <summary>Starts it, and returns when it accepts connections.</summary>
    public static NginxServer Start(LabNamespace place, string address, int port, IReadOnlyDictionary<string, byte[]> pages)
    {
        string directory = System.IO.Directory.CreateTempSubdirectory("tcptools-nginx-").FullName;
        // A temporary directory is closed to all but its owner, and nginx may run as another user.
        _ = Tool.Run("chmod", "755", directory);
        foreach ((string name, byte[] content) in pages)
        {
            File.WriteAllBytes(Path.Combine(directory, name), content);
        }

        string configuration = Path.Combine(directory, "nginx.conf");
        File.WriteAllText(configuration, Configuration(directory, address, port));
        LabProcess process = place.Start("nginx", "-c", configuration, "-e", Path.Combine(directory, "error.log"));
        IPEndPoint endPoint = new(IPAddress.Parse(address), port);
        NginxServer server = new(directory, process, endPoint);
        if (!Tool.Until(() => process.HasExited || Answers(place, endPoint), TimeSpan.FromSeconds(10)) || process.HasExited)
        {
            string reason = process.Error;
            server.Dispose();
            throw new LabException($"nginx does not start: {reason}");
        }

        return place.Adopt(server);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.Dispose();
        if (System.IO.Directory.Exists(_directory))
        {
            System.IO.Directory.Delete(_directory, recursive: true);
        }
    }

    private static bool Answers(LabNamespace place, IPEndPoint endPoint)
    {
        try
        {
            using Socket socket = KernelSocket.Connect(place, endPoint.Address, endPoint.Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string Configuration(string directory, string address, int port) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        daemon off;
        master_process off;
        pid {{directory}}/nginx.pid;
        events { worker_connections 4096; }
        http {
            access_log off;
            sendfile on;
            default_type text/html;
            client_body_temp_path {{directory}}/t1;
            proxy_temp_path {{directory}}/t2;
            fastcgi_temp_path {{directory}}/t3;
            uwsgi_temp_path {{directory}}/t4;
            scgi_temp_path {{directory}}/t5;
            server { listen {{address}}:{{port}}; root {{directory}}; }
        }
        """);
}
