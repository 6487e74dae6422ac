using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using TcpTools.Lab;

namespace TcpTools.Benchmarks;

/// <summary>
/// Another packet library, in a small program of ours that does with it what the benchmark asks for: OPERATION SECONDS
/// [ARGUMENT] prints one rate. Programs are built here where the library is installed.
/// </summary>
internal sealed class Peer
{
    private static readonly string s_sources = Path.GetFullPath("tests/Benchmarks/Peers");
    private static readonly string s_output = Path.GetFullPath("output/peers");

    private readonly string _command;
    private readonly string[] _arguments;
    private readonly HashSet<string> _operations;

    private Peer(string name, string[] command, string[] operations)
    {
        Name = name;
        _command = command[0];
        _arguments = command[1..];
        _operations = [.. operations];
    }

    /// <summary>The library.</summary>
    public string Name { get; }

    /// <summary>
    /// Those of the names given (none: all) that could be built here; the others are named on the console, with the reason.
    /// </summary>
    public static IReadOnlyList<Peer> BuildAll(params string[] names)
    {
        Directory.CreateDirectory(s_output);
        List<Peer> peers = [];
        Add("Scapy", FindScapy, "build", "build-reused", "parse", "import", "send", "send-each", "exchange", "exchange-each", "sniff");
        Add("gopacket", BuildGopacket, "build", "build-reused", "parse", "parse-reused", "import", "streams");
        Add("libtins", BuildLibtins, "build", "build-reused", "parse", "import", "streams");
        Add("PacketDotNet", BuildPacketDotNet, "build", "build-reused", "parse", "import");
        return peers;

        void Add(string name, Func<string[]> build, params string[] operations)
        {
            if (names.Length > 0 && !names.Contains(name))
            {
                return;
            }

            try
            {
                peers.Add(new Peer(name, build(), operations));
            }
            catch (Exception e) when (e is LabException or System.ComponentModel.Win32Exception)
            {
                Console.WriteLine($"skipped: {name} ({e.Message.ReplaceLineEndings(" ").Trim()})");
            }
        }
    }

    /// <summary>Our own cmdlets, asked in the same way; null where there is no PowerShell.</summary>
    public static Peer? FindOwnShell()
    {
        string? shell = Environment.GetEnvironmentVariable("TCPTOOLS_POWERSHELL") ?? Tool.Find("pwsh");
        return shell is null || !File.Exists("TcpTools.psd1") ? null : new Peer(
            "pipeline",
            [.. shell.Split(' '), "-NoProfile", "-NonInteractive", "-File", "tests/Benchmarks/pipeline.ps1"],
            ["build", "parse", "import", "import-memory", "streams", "send", "send-each", "exchange", "exchange-each", "flood", "sniff"]);
    }

    /// <summary>Whether the program can do that.</summary>
    public bool Knows(string operation) => _operations.Contains(operation);

    /// <summary>Does it for so many seconds, inside a namespace if one is given, and gives the rate.</summary>
    public double Measure(string operation, double seconds, string argument = "", LabNamespace? place = null)
    {
        string[] arguments = [.. _arguments, operation, seconds.ToString(CultureInfo.InvariantCulture), argument];
        ToolResult result = place is null ? Tool.Try(_command, arguments) : place.Run(_command, arguments);
        return result.Succeeded
            ? double.Parse(result.Output.Trim(), CultureInfo.InvariantCulture)
            : throw new LabException($"{Name}, {operation}: {result.Error.Trim().Split('\n')[^1]}");
    }

    /// <summary>Starts what goes on while something else is measured.</summary>
    public LabProcess Start(LabNamespace place, string operation, params string[] arguments) =>
        place.Start(_command, [.. _arguments, operation, "0", .. arguments]);

    private static string[] FindScapy()
    {
        // Debian's package belongs to Debian's interpreter, not to whatever else is first on the PATH.
        const string Python = "/usr/bin/python3";
        Require(File.Exists(Python) && Tool.Try(Python, "-c", "import scapy").Succeeded, "apt-get install python3-scapy");
        return [Python, Path.Combine(s_sources, "scapy_peer.py")];
    }

    private static string[] BuildGopacket()
    {
        Require(Directory.Exists("/usr/share/gocode/src/github.com/google/gopacket"), "apt-get install golang-github-google-gopacket-dev");
        Require(Tool.Find("go") is not null, "apt-get install golang-go");
        string program = Path.Combine(s_output, "gopacket");
        Tool.Run(
            "env", "GO111MODULE=off", "GOPATH=/usr/share/gocode", $"GOCACHE={s_output}/go", "go", "build", "-o", program,
            Path.Combine(s_sources, "gopacket", "main.go"));
        return [program];
    }

    private static string[] BuildLibtins()
    {
        Require(File.Exists("/usr/include/tins/tins.h") && Tool.Find("g++") is not null, "apt-get install g++ libtins-dev");
        string program = Path.Combine(s_output, "libtins");
        Tool.Run("g++", "-O2", "-std=c++17", "-o", program, Path.Combine(s_sources, "libtins_peer.cpp"), "-ltins");
        return [program];
    }

    private static string[] BuildPacketDotNet()
    {
        string output = Path.Combine(s_output, "packetdotnet");
        ToolResult built = Tool.Try(
            "dotnet", "build", Path.Combine(s_sources, "PacketDotNet"), "-c", "Release", "-v", "q", "-o", output);
        Require(built.Succeeded, "the package feeds have no PacketDotNet 1.4.8");
        return ["dotnet", Path.Combine(output, "PacketDotNetPeer.dll")];
    }

    private static void Require(bool condition, string advice)
    {
        if (!condition)
        {
            throw new LabException(advice);
        }
    }
}
