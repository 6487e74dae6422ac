using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using TcpTools.Wire;
using Xunit;
using Xunit.Abstractions;

namespace TcpTools.Tests.Architecture;

/// <summary>Which room of the core may use which, and what no protocol code may use; read from the built assembly.</summary>
public sealed class RoomTests(ITestOutputHelper output)
{
    private const string Root = "";

    /// <summary>A room may use itself, the root, and what stands here. A new room has to be entered.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        [Root] = [],
        ["Buffers"] = [],
        ["Wire"] = [],
        ["Linux"] = [],
        ["Packets"] = ["Wire"],
        ["Links"] = ["Buffers", "Wire", "Linux"],
        ["IP"] = ["Buffers", "Wire"],
        ["Tcp"] = ["Buffers", "Wire"],
        ["Udp"] = ["Buffers", "Wire", "IP"],
        ["Stack"] = ["Buffers", "Wire", "Linux", "Links", "IP", "Tcp", "Udp"],
        ["Capture"] = ["Buffers", "Wire", "Packets", "Links"],
    };

    /// <summary>Rooms whose code gets the time and every random value as arguments, and that start nothing.</summary>
    private static readonly string[] SansIO = ["Wire", "IP", "Tcp", "Udp", "Packets"];

    private static readonly string[] ForbiddenTypes =
    [
        "System.Console",
        "System.Diagnostics.Stopwatch",
        "System.Net.Sockets.Socket",
        "System.Random",
        "System.Security.Cryptography.RandomNumberGenerator",
        "System.Threading.PeriodicTimer",
        "System.Threading.Tasks.Task",
        "System.Threading.Thread",
        "System.Threading.ThreadPool",
        "System.Threading.Timer",
        "System.TimeProvider",
        "System.Timers.Timer",
    ];

    private static readonly (string Type, string Member)[] ForbiddenMembers =
    [
        ("System.DateTime", "get_Now"),
        ("System.DateTime", "get_UtcNow"),
        ("System.DateTime", "get_Today"),
        ("System.DateTimeOffset", "get_Now"),
        ("System.DateTimeOffset", "get_UtcNow"),
        ("System.Environment", "get_TickCount"),
        ("System.Environment", "get_TickCount64"),
        ("System.Guid", "NewGuid"),
        ("TcpTools.RandomSource", "get_System"),
    ];

    private static readonly IReadOnlyCollection<TypeUse> Uses = AssemblyUses.Read(typeof(SequenceNumber).Assembly.Location);

    [Fact]
    public void Every_room_is_in_the_table()
    {
        Assert.Empty(Uses.Select(u => Room(u.FromNamespace)).OfType<string>().Distinct().Except(Allowed.Keys));
    }

    [Fact]
    public void A_room_uses_only_the_rooms_it_may()
    {
        Assert.Empty(Trespasses(Allowed).Select(u => $"{u.From} uses {u.To}").Distinct().Order());
    }

    [Fact]
    public void Protocol_code_has_no_clock_no_thread_no_socket_and_no_chance_of_its_own()
    {
        IEnumerable<string> found = Uses
            .Where(u => Room(u.FromNamespace) is string room && SansIO.Contains(room) && IsForbidden(u))
            .Select(u => $"{u.From} uses {u.To}.{u.Member}");
        Assert.Empty(found.Distinct().Order());
    }

    [Fact]
    public void The_checks_see_what_is_there()
    {
        // A check that finds nothing could be blind. With the links shut out of Stack, their uses must turn up: in
        // fields, in signatures and in code.
        var narrow = new Dictionary<string, string[]>(Allowed) { ["Stack"] = ["Buffers", "Wire"], ["IP"] = ["Wire"] };
        TypeUse[] found = [.. Trespasses(narrow)];
        Assert.Contains(found, u => u is { From: "TcpTools.Stack.TcpStack", To: "TcpTools.Links.ILink" });
        Assert.Contains(found, u => u is { From: "TcpTools.Stack.TcpStack", To: "TcpTools.IP.IPv4Layer", Member: "Receive" });
        Assert.Contains(found, u => u is { From: "TcpTools.IP.IPv4Layer", To: "TcpTools.Buffers.PacketBuffer", Member: "Release" });
        Assert.Contains(Uses, u => Room(u.FromNamespace) == "Stack" && IsForbidden(u));
        Assert.Contains(Uses, u => Room(u.FromNamespace) == Root && u.To == "System.Security.Cryptography.RandomNumberGenerator");
    }

    [Fact]
    public void A_source_file_holds_one_concept_and_stays_short()
    {
        const int Limit = 600;
        const int Worth = 400;
        string source = Path.Combine(RepositoryRoot(), "src");
        (string File, int Lines)[] files =
        [
            .. Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
                .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
                .Select(f => (Path.GetRelativePath(source, f), File.ReadLines(f).Count()))
                .OrderByDescending(f => f.Item2),
        ];
        Assert.True(files.Length > 50, "The sources were not found.");
        foreach ((string file, int lines) in files.Where(f => f.Lines > Worth))
        {
            output.WriteLine($"{file}: {lines} lines; more than {Worth} are worth a second look.");
        }

        Assert.DoesNotContain(files, f => f.Lines > Limit);
    }

    [Theory]
    [InlineData("Console.Write")]
    [InlineData("Thread.Sleep")]
    [InlineData("NotImplementedException")]
    [InlineData("TODO")]
    [InlineData("FIXME")]
    [InlineData("HACK")]
    public void Nothing_in_the_core_is_unfinished_or_talks_past_its_caller(string word)
    {
        string source = Path.Combine(RepositoryRoot(), "src", "TcpTools.Core");
        IEnumerable<string> found = Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .SelectMany(f => File.ReadLines(f).Select((text, i) => (Place: $"{Path.GetRelativePath(source, f)}:{i + 1}", text)))
            .Where(l => l.text.Contains(word, StringComparison.Ordinal))
            .Select(l => l.Place);
        Assert.Empty(found);
    }

    private static bool IsForbidden(TypeUse use) =>
        ForbiddenTypes.Contains(use.To) || ForbiddenMembers.Contains((use.To, use.Member));

    private static IEnumerable<TypeUse> Trespasses(Dictionary<string, string[]> allowed) =>
        from use in Uses
        let @from = Room(use.FromNamespace)
        let to = Room(use.ToNamespace)
        where @from is not null && to is not null && @from != to && to != Root
        where !allowed.TryGetValue(@from, out string[]? rooms) || !rooms.Contains(to)
        select use;

    /// <summary>The room of a namespace: what follows TcpTools; null outside the project.</summary>
    private static string? Room(string ns) => ns switch
    {
        "TcpTools" => Root,
        _ when ns.StartsWith("TcpTools.", StringComparison.Ordinal) => ns.Split('.')[1],
        _ => null,
    };

    private static string RepositoryRoot()
    {
        string? directory = AppContext.BaseDirectory;
        while (directory is not null && !File.Exists(Path.Combine(directory, "TcpTools.slnx")))
        {
            directory = Path.GetDirectoryName(directory);
        }

        return directory ?? throw new DirectoryNotFoundException("No TcpTools.slnx above the tests.");
    }
}
