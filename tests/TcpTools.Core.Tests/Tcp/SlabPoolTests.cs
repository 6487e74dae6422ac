using System;
using System.Collections.Generic;
using System.Threading;
using TcpTools.Buffers;
using Xunit;

namespace TcpTools.Tests.Tcp;

/// <summary>Slabs are lent one at a time to one holder, and counted.</summary>
public class SlabPoolTests
{
    [Fact]
    public void What_is_lent_and_not_returned_is_counted()
    {
        SlabPool pool = new(1024);
        byte[] a = pool.Rent();
        byte[] b = pool.Rent();
        Assert.Equal(2, pool.Outstanding);
        Assert.NotSame(a, b);
        Assert.Equal((1024, 1024), (a.Length, b.Length));
        pool.Return(a);
        Assert.Equal(1, pool.Outstanding);
        Assert.Same(a, pool.Rent());
    }

    [Fact]
    public void Free_slabs_beyond_the_limit_are_not_kept()
    {
        SlabPool pool = new(64, keep: 1);
        byte[] a = pool.Rent();
        byte[] b = pool.Rent();
        pool.Return(a);
        pool.Return(b);
        Assert.Equal(0, pool.Outstanding);
        Assert.Same(a, pool.Rent());
        Assert.NotSame(b, pool.Rent());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-8)]
    [InlineData(1000)]
    public void A_size_that_is_no_power_of_two_is_refused(int size) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new SlabPool(size));

    [Fact]
    public void Threads_never_hold_the_same_slab()
    {
        SlabPool pool = new(64);
        bool shared = false;
        List<Thread> threads = [];
        for (int i = 1; i <= 4; i++)
        {
            byte mine = (byte)i;
            Thread thread = new(() =>
            {
                for (int round = 0; round < 5_000; round++)
                {
                    byte[] slab = pool.Rent();
                    slab.AsSpan().Fill(mine);
                    shared |= slab.AsSpan().IndexOfAnyExcept(mine) >= 0;
                    pool.Return(slab);
                }
            });
            thread.Start();
            threads.Add(thread);
        }

        threads.ForEach(thread => thread.Join());
        Assert.False(shared);
        Assert.Equal(0, pool.Outstanding);
    }
}
