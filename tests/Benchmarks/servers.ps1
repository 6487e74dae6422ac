#requires -Version 7.6
<#
.SYNOPSIS
    How many requests a second servers in PowerShell answer, and how long after its SYN a client's handler begins.
.DESCRIPTION
    The clients are the kernel's, in threads of this process, over a TUN device; where there is no root, sessions of a second stack
    over a wire. Each sends a request, waits for the whole answer, and sends the next. To be run in a network of its own:
    unshare --net pwsh tests/Benchmarks/servers.ps1
.EXAMPLE
    unshare --net pwsh -NoProfile tests/Benchmarks/servers.ps1 -Seconds 3
#>
param([double] $Seconds = 2, [int[]] $Clients = (1, 100))
$ErrorActionPreference = 'Stop'
Import-Module "$PSScriptRoot/../../TcpTools.psd1"
Add-Type -ReferencedAssemblies ([TcpTools.Stack.TcpStack].Assembly.Location), System.Net.Sockets, System.Net.Primitives, System.Threading.Thread, System.Threading, System.Collections, System.Linq, System.Memory, System.Runtime -TypeDefinition @'
using System;
using System.Diagnostics;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using TcpTools.Servers;
using TcpTools.Stack;
using TcpTools.Wire;

public interface IEnd : IDisposable { void Send(byte[] data); int Receive(byte[] buffer); }

public sealed class KernelEnd : IEnd {
    readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 30000 };
    public KernelEnd(string host, int port) => _socket.Connect(IPAddress.Parse(host), port);
    public void Send(byte[] data) => _socket.Send(data);
    public int Receive(byte[] buffer) => _socket.Receive(buffer);
    public void Dispose() => _socket.Dispose();
}

public sealed class StackEnd : IEnd {
    static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);
    readonly TcpSession _session;
    public StackEnd(TcpStack stack, string host, int port) {
        _session = stack.Connect(new ConnectOptions { RemoteAddress = NetworkAddress.Parse(host), RemotePort = port });
        if (!_session.WaitFor(SessionCondition.Established, s_limit)) throw new TimeoutException();
    }
    public void Send(byte[] data) => _session.WriteAll(data, s_limit);
    public int Receive(byte[] buffer) => _session.ReadSome(buffer, s_limit);
    public void Dispose() => _session.Dispose();
}

public sealed class Echo : TcpHandler {
    public override void OnData(ServedClient client, byte[] data) => client.Send(data);
}

public static class Load {
    public static IEnd Open(TcpStack stack, string host, int port) => stack is null ? new KernelEnd(host, port) : new StackEnd(stack, host, port);

    public static double Run(TcpStack stack, string host, int port, int clients, double seconds, byte[] request, int answer) {
        long total = 0; int ready = 0; bool go = false, stop = false;
        Thread[] threads = Enumerable.Range(0, clients).Select(_ => new Thread(() => {
            byte[] buffer = new byte[65536]; long count = 0;
            using IEnd end = Open(stack, host, port);
            Once();
            Interlocked.Increment(ref ready);
            SpinWait.SpinUntil(() => Volatile.Read(ref go));
            while (!Volatile.Read(ref stop)) { Once(); count++; }
            Interlocked.Add(ref total, count);
            void Once() {
                end.Send(request);
                for (int got = 0; got < answer;) { int n = end.Receive(buffer); if (n == 0) throw new InvalidOperationException("closed"); got += n; }
            }
        }, 256 * 1024)).ToArray();
        foreach (Thread t in threads) t.Start();
        SpinWait.SpinUntil(() => Volatile.Read(ref ready) == clients);
        Stopwatch watch = Stopwatch.StartNew();
        Volatile.Write(ref go, true);
        Thread.Sleep(TimeSpan.FromSeconds(seconds));
        Volatile.Write(ref stop, true);
        foreach (Thread t in threads) t.Join();
        return total / watch.Elapsed.TotalSeconds;
    }

    // The handler sends the time of its first line; milliseconds from before the SYN, the median.
    public static double First(TcpStack stack, string host, int port, int times) => Enumerable.Range(0, times).Select(_ => {
        byte[] buffer = new byte[100];
        long start = Stopwatch.GetTimestamp();
        using IEnd end = Open(stack, host, port);
        int n = end.Receive(buffer);
        return (long.Parse(System.Text.Encoding.ASCII.GetString(buffer, 0, n)) - start) * 1e3 / Stopwatch.Frequency;
    }).Order().ElementAt(times / 2);

    public static int KernelEcho() {
        Socket listener = new(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(200);
        new Thread(() => { while (true) { Socket s = listener.Accept(); s.NoDelay = true; new Thread(() => {
            byte[] b = new byte[65536]; try { for (int n; (n = s.Receive(b)) > 0;) s.Send(b, n, SocketFlags.None); } catch (Exception) { } }, 256 * 1024) { IsBackground = true }.Start(); } }) { IsBackground = true }.Start();
        return ((IPEndPoint)listener.LocalEndPoint).Port;
    }
}
'@

$isRoot = (id -u) -eq 0 -and (Test-Path /dev/net/tun)
if ($isRoot) {
    ip link set lo up
    $stack = Start-TcpStack
    $client, $address = $null, '10.9.0.2'
}
else {
    $wire = New-PacketWire
    $stack = Start-TcpStack 10.9.0.2/24 -Link $wire.A -Default
    $client, $address = (Start-TcpStack 10.9.0.3/24 -Link $wire.B -Name client), '10.9.0.2'
}

$folder = (New-Item -ItemType Directory "$([IO.Path]::GetTempPath())site$PID" -Force).FullName
[IO.File]::WriteAllText("$folder/index.html", 'x' * 1000)
$answer = "HTTP/1.1 200 OK`r`nContent-Type: text/html`r`nContent-Length: 1000`r`n`r`n"
$get = [Text.Encoding]::ASCII.GetBytes("GET /index.html HTTP/1.1`r`nHost: a`r`n`r`n")
$hello = [Text.Encoding]::ASCII.GetBytes('x' * 64)

$null = Start-TcpListener 1001 -Handler ([Echo]::new()) -Backlog 200
$null = Start-TcpListener 1002 -Backlog 200 -OnData { $_.Send($_.Data) }
$null = Start-TcpListener 1003 -Backlog 200 -ThrottleLimit 100 -Action { $_ | Receive-TcpData | Send-TcpData -Session $_ }
$null = Start-TcpListener 1004 -Backlog 200 -OnData {
    $method, $target, $null = $_.Text.Split("`r`n")[0].Split(' ')
    $path = [IO.Path]::GetFullPath($using:folder + '/' + [uri]::UnescapeDataString($target))
    $status, $body = '404 Not Found', [byte[]] @()
    if ($path.StartsWith("$using:folder/") -and [IO.File]::Exists($path)) { $status, $body = '200 OK', [IO.File]::ReadAllBytes($path) }
    $_.Send("HTTP/1.1 $status`r`nContent-Type: text/html`r`nContent-Length: $($body.Length)`r`n`r`n")
    $_.Send($body)
}
$null = Start-TcpListener 1005 -Backlog 200 -ThrottleLimit 100 -Action {
    while ($request = $_ | Receive-TcpData -Until "`r`n`r`n" -AsString -ErrorAction Ignore) {
        $method, $target, $null = ($request -split "`r`n")[0] -split ' '
        $path = [IO.Path]::GetFullPath("$using:folder/" + [uri]::UnescapeDataString($target))
        $status, $body = '404 Not Found', [byte[]] @()
        if ($path.StartsWith("$using:folder/") -and (Test-Path -LiteralPath $path -PathType Leaf)) { $status, $body = '200 OK', [IO.File]::ReadAllBytes($path) }
        $_ | Send-TcpData "HTTP/1.1 $status`r`nContent-Type: text/html`r`nContent-Length: $($body.Length)`r`n`r`n"
        $_ | Send-TcpData $body
    }
}
$null = Start-TcpListener 1006 -OnOpened { $_.Send("$([Diagnostics.Stopwatch]::GetTimestamp())") }
$null = Start-TcpListener 1007 -Action { $_ | Send-TcpData "$([Diagnostics.Stopwatch]::GetTimestamp())" }
try {
    $kernel = [Load]::KernelEcho()
    $cases = @(
        @{ Name = 'echo, kernel sockets in C#, loopback'; Stack = $null; Host = '127.0.0.1'; Port = $kernel; Request = $hello; Answer = 64 }
        @{ Name = 'echo, -Handler in C#'; Stack = $client; Host = $address; Port = 1001; Request = $hello; Answer = 64 }
        @{ Name = 'echo, -OnData'; Stack = $client; Host = $address; Port = 1002; Request = $hello; Answer = 64 }
        @{ Name = 'echo, -Action'; Stack = $client; Host = $address; Port = 1003; Request = $hello; Answer = 64 }
        @{ Name = 'HTTP file of 1 kB, -OnData'; Stack = $client; Host = $address; Port = 1004; Request = $get; Answer = $answer.Length + 1000 }
        @{ Name = 'HTTP file of 1 kB, -Action'; Stack = $client; Host = $address; Port = 1005; Request = $get; Answer = $answer.Length + 1000 }
    )
    foreach ($case in $cases) {
        foreach ($count in $Clients) {
            $null = [Load]::Run($case.Stack, $case.Host, $case.Port, $count, 0.5, $case.Request, $case.Answer)
            $rate = [Load]::Run($case.Stack, $case.Host, $case.Port, $count, $Seconds, $case.Request, $case.Answer)
            [pscustomobject] @{ What = $case.Name; Clients = $count; 'Requests/s' = [math]::Round($rate) }
        }
    }
    foreach ($port in 1006, 1007) {
        $null = [Load]::First($client, $address, $port, 100)
        [pscustomobject] @{
            What         = "SYN to the first line, $($port -eq 1006 ? '-OnOpened' : '-Action')"
            Clients      = 1
            'Requests/s' = "{0:0.00} ms" -f [Load]::First($client, $address, $port, 301)
        }
    }
    Get-TcpListener | Where-Object Errors | ForEach-Object { Write-Warning "$($_): $($_.Errors[0])" }
}
finally {
    Get-TcpStack | Stop-TcpStack -Force
    Remove-Item -Recurse -Force $folder
}
