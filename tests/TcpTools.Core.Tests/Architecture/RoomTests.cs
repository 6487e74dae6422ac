using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Architecture;

/// <summary>
/// Which room of the core may use which, and what no protocol code may use: what docs/architecture.md says, found in the
/// built assembly, where no using directive and no full name can hide it.
/// </summary>
public sealed class RoomTests
{
    private const string Root = "";

    private static readonly Dictionary<string, string[]> Allowed = ReadTable();

    /// <summary>Rooms whose code gets the time and every random value as arguments, and that start nothing.</summary>
    private static readonly string[] SansIO = ["Wire", "Neighbors", "IP", "Tcp", "Udp", "Packets", "Streams", "Messages", "Replay"];

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
        Assert.True(Allowed.Count > 5, "The table was not found.");
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
        Assert.Contains(found, u => u is { From: "TcpTools.Stack.TcpStack", To: "TcpTools.IP.IPv4Protocol", Member: "Receive" });
        Assert.Contains(found, u => u is { From: "TcpTools.IP.IPv4Protocol", To: "TcpTools.Buffers.PacketBuffer", Member: "Release" });
        Assert.Contains(Uses, u => Room(u.FromNamespace) == "Stack" && IsForbidden(u));
        Assert.Contains(Uses, u => Room(u.FromNamespace) == Root && u.To == "System.Security.Cryptography.RandomNumberGenerator");
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

    /// <summary>The table of docs/architecture.md: a room may use itself, the root, and what stands in its row.</summary>
    private static Dictionary<string, string[]> ReadTable()
    {
        string? root = AppContext.BaseDirectory;
        while (root is not null && !File.Exists(Path.Combine(root, "TcpTools.slnx")))
        {
            root = Path.GetDirectoryName(root);
        }

        var table = new Dictionary<string, string[]> { [Root] = [] };
        IEnumerable<string[]> rows = File.ReadLines(Path.Combine(root!, "docs", "architecture.md"))
            .SkipWhile(line => line != "## Rooms")
            .Skip(1)
            .TakeWhile(line => !line.StartsWith('#'))
            .Where(line => line.StartsWith('|'))
            .Skip(2)
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries));
        foreach (string[] row in rows)
        {
            table[row[1]] = row[2].Split(", ");
        }

        return table;
    }
}
