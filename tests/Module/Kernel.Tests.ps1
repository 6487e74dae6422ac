. $PSScriptRoot/common.ps1

# Our stack against the kernel's, over TUN, with the programs that people use: nginx, curl, nc, tshark.

BeforeDiscovery {
    . $PSScriptRoot/conditions.ps1
    $obstacle = Get-LabObstacle
    if ($obstacle) { Write-Host "skipped: the module against the kernel: $obstacle" }
    $noNginx = $obstacle -or -not (Test-LabCommand nginx) -or -not (Test-LabCommand curl)
    $noCurl = $obstacle -or -not (Test-LabCommand curl)
    $noNetcat = $obstacle -or -not (Test-LabCommand nc)
    $noShark = $obstacle -or -not (Test-LabCommand tshark)
}

BeforeAll {
    . $PSScriptRoot/conditions.ps1

    # The devices, addresses and routes of a namespace, as text to compare.
    function Get-NetworkState($Namespace) {
        'link', 'addr', 'route', 'rule' | ForEach-Object { (Invoke-LabCommand $Namespace ip -o $_).Output -replace 'qdisc.*|valid_lft.*' }
    }

    # What tshark finds wrong with a capture.
    function Get-CaptureComplaint([string] $Path) {
        $checks = '-o', 'ip.check_checksum:TRUE', '-o', 'tcp.check_checksum:TRUE'
        $bad = '_ws.malformed || ip.checksum.status == "Bad" || tcp.checksum.status == "Bad" || _ws.expert.severity == error'
        tshark -r $Path @checks -Y $bad 2>&1 | Where-Object { "$_" -notmatch 'Running as user' }
    }
}

Describe 'The module against the kernel' -Tag Root -Skip:([bool] $obstacle) {
    BeforeAll {
        $place = New-LabNamespace
        $before = Get-NetworkState $place
    }

    AfterAll { Remove-LabNamespace $place }

    BeforeEach {
        $stack = Start-TcpStack 10.9.0.2/24 -PeerAddress 10.9.0.1 -NetworkNamespace $place.Name
    }

    AfterEach {
        Get-TcpStack | Stop-TcpStack -Force
        Get-NetworkState $place | Should -Be $before -Because 'nothing may be left behind'
    }

    It 'fetches the page that curl fetches' -Skip:$noNginx {
        $page = -join (1..3000 | ForEach-Object { "<p>line $_ of a page of some length</p>`n" })
        $nginx = Start-LabWebServer $place 10.9.0.1 80 @{ 'index.html' = $page }
        try {
            $null = Open-TcpSession 10.9.0.1 80 | Send-TcpData "GET / HTTP/1.0`r`nHost: 10.9.0.1`r`n`r`n"
            $head, $body = (Receive-TcpData -All -AsString) -split "`r`n`r`n", 2
            $head | Should -Match '^HTTP/1.1 200 OK'
            $curl = (Invoke-LabCommand $place curl -s http://10.9.0.1/).Output
            $body.TrimEnd() | Should -BeExactly $curl.TrimEnd()
            $body | Should -BeExactly $page
            Get-TcpSession | Close-TcpSession
        }
        finally { $nginx.Dispose() }
    }

    It 'carries many requests over one session' -Skip:$noNginx {
        $nginx = Start-LabWebServer $place 10.9.0.1 80 @{ 'index.html' = 'hello' }
        try {
            $session = Open-TcpSession 10.9.0.1 80
            foreach ($i in 1..20) {
                $session | Send-TcpData "GET / HTTP/1.1`r`nHost: x`r`n`r`n"
                $head = $session | Receive-TcpData -Until "`r`n`r`n" -AsString
                $head | Should -Match 'Content-Length: 5'
                $session | Receive-TcpData -Count 5 -AsString | Should -Be 'hello'
            }
            $session | Close-TcpSession
        }
        finally { $nginx.Dispose() }
    }

    It 'answers curl from a listener' -Skip:$noCurl {
        $listener = Start-TcpListener 80
        $curl = Start-LabProcess $place curl -s --max-time 20 http://10.9.0.2/
        $session = $listener | Receive-TcpSession
        $session | Receive-TcpData -Until "`r`n`r`n" -AsString | Should -Match '^GET / HTTP/1.1'
        $session | Send-TcpData "HTTP/1.0 200 OK`r`n`r`nserved by hand"
        $session | Close-TcpSession
        $curl.WaitForExit([timespan]::FromSeconds(20)) | Should -BeTrue
        $curl.Output.Trim() | Should -Be 'served by hand'
        $curl.Dispose()
    }

    It 'talks with nc in both directions' -Skip:$noNetcat {
        $listener = Start-TcpListener 7000
        $nc = Start-LabProcess $place nc -N 10.9.0.2 7000
        $session = $listener | Receive-TcpSession
        $bytes = [Text.Encoding]::ASCII.GetBytes("from nc`n")
        $nc.Input.Write($bytes, 0, $bytes.Length)
        $nc.CloseInput()
        $session | Receive-TcpData -Line | Should -Be 'from nc'
        $session | Receive-TcpData | Should -BeNullOrEmpty
        $session | Send-TcpData 'from us' -Line
        $session | Close-TcpSession
        $nc.WaitForExit([timespan]::FromSeconds(20)) | Should -BeTrue
        $nc.Output.Trim() | Should -Be 'from us'
        $nc.Dispose()
    }

    It 'carries a megabyte each way through an echo server, over a bad network' {
        $stack | Stop-TcpStack -Force
        $stack = Start-TcpStack 10.9.0.2/24 -PeerAddress 10.9.0.1 -NetworkNamespace $place.Name -NoOffload -Seed 1 `
            -Impairment @{ Loss = 0.01; Duplicate = 0.01; Reorder = 0.01 }
        $server = Start-LabServer $place 10.9.0.1 7 Echo
        try {
            $data = [byte[]]::new(1MB)
            [System.Random]::new(1).NextBytes($data)
            $session = Open-TcpSession 10.9.0.1 7
            $sender = Start-ThreadJob -ArgumentList $session, $data, $moduleRoot {
                param($session, $data, $root)
                Import-Module "$root/TcpTools.psd1"
                $session | Send-TcpData -Data $data
                $session | Close-TcpSession -HalfClose
            }
            $back = $session | Receive-TcpData -All
            $sender | Wait-Job -Timeout 60 | Receive-Job
            [Convert]::ToHexString([System.Security.Cryptography.SHA256]::HashData($back)) |
                Should -Be ([Convert]::ToHexString([System.Security.Cryptography.SHA256]::HashData($data)))
            $session | Close-TcpSession
        }
        finally { $server.Dispose() }
    }

    It 'holds 100 sessions at once' {
        $server = Start-LabServer $place 10.9.0.1 7 Echo
        try {
            $sessions = 1..100 | ForEach-Object { Open-TcpSession 10.9.0.1 7 }
            @(Get-TcpSession -State Established).Count | Should -Be 100
            $i = 0
            $sessions | ForEach-Object { $_ | Send-TcpData "session $((++$i))" -Line }
            $sessions | ForEach-Object { $_ | Receive-TcpData -Line } | Should -Be (1..100 | ForEach-Object { "session $_" })
            Get-TcpSession | Close-TcpSession
            Wait-Until { -not (Get-TcpSession | Where-Object State -NE TimeWait) }
        }
        finally { $server.Dispose() }
    }

    It 'reports that the kernel refuses, and that the kernel resets' {
        (Get-TheError { Open-TcpSession 10.9.0.1 81 }).FullyQualifiedErrorId | Should -Be 'ConnectionRefused,TcpTools.PowerShell.OpenTcpSessionCommand'
        $server = Start-LabServer $place 10.9.0.1 82 Reset
        try {
            $session = Open-TcpSession 10.9.0.1 82
            (Get-TheError { $session | Receive-TcpData }).FullyQualifiedErrorId | Should -Be 'ConnectionReset,TcpTools.PowerShell.ReceiveTcpDataCommand'
        }
        finally { $server.Dispose() }
    }

    It 'answers ping' -Skip:($obstacle -or -not (Test-LabCommand ping)) {
        (Invoke-LabCommand $place ping -c 1 -W 5 10.9.0.2).ExitCode | Should -Be 0
    }

    It 'refuses what nobody listens for' -Skip:$noCurl {
        (Invoke-LabCommand $place curl -s --max-time 5 http://10.9.0.2:9/).ExitCode | Should -Be 7
    }

    It 'sends a hand-made SYN that the kernel answers' {
        $server = Start-LabServer $place 10.9.0.1 7 Echo
        try {
            New-IPPacket 10.9.0.1 -Source 10.9.0.2 | New-TcpSegment 7 -SourcePort 5555 -Flags Syn -Sequence 1000 | Send-RawPacket
            $answer = Receive-RawPacket
            "$($answer.Tcp.Flags)" | Should -Be 'Syn, Ack'
            $answer.Tcp.Acknowledgment | Should -Be 1001
        }
        finally { $server.Dispose() }
    }

    It 'writes captures that tshark has no complaint about' -Skip:$noShark {
        $stack | Stop-TcpStack -Force
        $live = Join-Path $TestDrive live.pcapng
        $stack = Start-TcpStack 10.9.0.2/24 -PeerAddress 10.9.0.1 -NetworkNamespace $place.Name -NoOffload -CapturePath $live
        $server = Start-LabServer $place 10.9.0.1 7 Echo
        try {
            $null = Receive-RawPacket -All -TimeoutSec 0.01
            $session = Open-TcpSession 10.9.0.1 7
            $session | Send-TcpData ('x' * 5000)
            $null = $session | Receive-TcpData -Count 5000
            $session | Close-TcpSession
        }
        finally { $server.Dispose() }
        Stop-TcpStack
        Get-CaptureComplaint $live | Should -BeNullOrEmpty
        @(tshark -r $live -Y 'tcp.flags.syn == 1' 2>$null).Count | Should -Be 2
        @(tshark -r $live -Y 'tcp.flags.reset == 1' 2>$null).Count | Should -Be 0
        @(tshark -r $live -Y 'tcp.flags.fin == 1' 2>$null).Count | Should -Be 2

        foreach ($name in 'made.pcap', 'made.pcapng') {
            $path = Join-Path $TestDrive $name
            1..10 | ForEach-Object { New-IPPacket 10.9.0.1 -Source 10.9.0.2 | New-TcpSegment $_ -Flags Syn } | Export-PacketCapture $path
            Get-CaptureComplaint $path | Should -BeNullOrEmpty
            @(tshark -r $path 2>$null).Count | Should -Be 10
        }
    }

    It 'finds a network of its own when none is named, also for a second stack' {
        $stack | Stop-TcpStack -Force
        $script = "Import-Module '$moduleRoot/TcpTools.psd1'; 1..2 | ForEach-Object { (Start-TcpStack).Addresses[0].ToString() }"
        $result = Invoke-LabCommand $place $childPowerShell -NoProfile -NonInteractive -Command $script
        $result.Output.Trim() -split "`n" | Should -Be '10.9.0.2/24', '10.9.1.2/24'
    }

    It 'takes an address outside of the kernel''s network: point to point' {
        $other = Start-TcpStack 172.20.1.1/32 -PeerAddress 10.77.0.1 -NetworkNamespace $place.Name
        $server = Start-LabServer $place 10.77.0.1 7 Echo
        try {
            $session = Open-TcpSession 10.77.0.1 7 -Stack $other
            $session | Send-TcpData 'over there' -Line
            $session | Receive-TcpData -Line | Should -Be 'over there'
        }
        finally { $server.Dispose() }
    }
}

Describe 'The end of PowerShell' -Tag Root -Skip:([bool] $obstacle) {
    It 'by <How> in the middle of a transfer leaves no device, address, route or process' -ForEach @(
        @{ How = 'KILL' }, @{ How = 'TERM' }, @{ How = 'HUP' }, @{ How = 'INT' }
    ) {
        $place = New-LabNamespace
        try {
            $before = Get-NetworkState $place
            $script = "
                Import-Module '$moduleRoot/TcpTools.psd1'
                `$null = Start-TcpStack 10.9.0.2/24 -PeerAddress 10.9.0.1
                `$null = Start-TcpListener 7
                [Console]::Out.WriteLine('ready')
                `$s = Receive-TcpSession
                while (`$true) { `$s | Send-TcpData -Data ([byte[]]::new(1MB)) }"
            $child = Start-LabProcess $place $childPowerShell -NoProfile -NonInteractive -Command $script
            Wait-Until { $child.Output -match 'ready' } -Seconds 60
            $nc = Start-LabProcess $place sh -c 'nc 10.9.0.2 7 > /dev/null'
            Wait-Until { (Invoke-LabCommand $place ss -Htn state established).Output -match '10\.9\.0\.2:7' }
            $child.Signal($How)
            $child.WaitForExit([timespan]::FromSeconds(20)) | Should -BeTrue
            Wait-Until { -not (Compare-Object (Get-NetworkState $place) $before) }
            (Invoke-LabCommand $place ip netns pids $place.Name).Output -split "`n" | Should -Not -Contain "$($child.Id)"
            if ($How -in 'TERM', 'HUP') {
                # A courtesy to peers, where there is time for one: they learn by a reset.
                $nc.WaitForExit([timespan]::FromSeconds(20)) | Should -BeTrue
            }
            $nc.Dispose()
            $child.Dispose()
        }
        finally { Remove-LabNamespace $place }
    }
}
