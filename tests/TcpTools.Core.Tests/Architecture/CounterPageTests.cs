using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using TcpTools.Tests.Stack;
using Xunit;

namespace TcpTools.Tests.Architecture;

/// <summary>docs/counters.md explains every counter that a stack has, and no other.</summary>
public sealed class CounterPageTests
{
    [Fact]
    public void The_page_explains_each_counter_of_a_stack_once()
    {
        string? root = AppContext.BaseDirectory;
        while (root is not null && !File.Exists(Path.Combine(root, "TcpTools.slnx")))
        {
            root = Path.GetDirectoryName(root);
        }

        string[] explained =
        [
            .. File.ReadLines(Path.Combine(root!, "docs", "counters.md"))
                .Where(line => line.StartsWith('|') && !line.StartsWith("|-", StringComparison.Ordinal))
                .Select(line => line.Split('|', StringSplitOptions.TrimEntries)[1])
                .Where(name => name != "counter"),
        ];
        using Rig rig = new();
        IEnumerable<string> counted = rig.Client.Counters.Values.Keys;
        Assert.Equal(counted.Order(StringComparer.Ordinal), explained.Order(StringComparer.Ordinal));
    }
}
