. $PSScriptRoot/common.ps1

Describe 'Forwarders' {
    BeforeEach {
        Remove-TestStack
        $server = [TcpTools.Sockets.KernelListener]::Listen('127.0.0.1', 0)
        $limit = [timespan]::FromSeconds(20)
    }

    AfterEach {
        Get-TcpForwarder | Stop-TcpForwarder
        Get-TcpSession -Kernel | Close-TcpSession -Abort
        $server.Dispose()
        Remove-TestStack
    }

    It 'pass on from the kernel by a stack' {
        $pair = New-TestPair -Threaded
        $listener = Start-TcpListener 80 -Stack server
        $forwarder = Start-TcpForwarder 0 $pair.Address 80 -Name web
        $forwarder.Port | Should -BeGreaterThan 0
        $client = Open-TcpSession 127.0.0.1 $forwarder.Port -Kernel
        $far = $listener | Receive-TcpSession
        $client | Send-TcpData 'question' -PassThru | Close-TcpSession -HalfClose
        $far | Receive-TcpData -All -AsString | Should -Be question
        $far | Send-TcpData 'answer' -PassThru | Close-TcpSession -NoWait
        $client | Receive-TcpData -All -AsString | Should -Be answer
        $forwarder.Accepted, $forwarder.BytesToPeer, $forwarder.BytesToClient | Should -Be 1, 8, 6
        $forwarder | Format-Table | Out-String -Width 120 | Should -Match 'web +127\.0\.0\.1:\d+ \(kernel\) +10\.7\.0\.2:80 \(client\)'
        $forwarder | Format-List | Out-String | Should -Match 'BytesToPeer\s*: 8'
    }

    It 'pass on from a stack by the kernel' {
        $pair = New-TestPair -Threaded
        $forwarder = Start-TcpForwarder 8080 127.0.0.1 $server.Port -ListenStack server -Kernel
        $client = Open-TcpSession $pair.Address 8080 -Stack client
        $far = $server.Accept($limit)
        $client | Send-TcpData 'hello' -Line
        $far | Receive-TcpData -Line | Should -Be hello
        @($forwarder.Connections).Count | Should -Be 1
        $forwarder.Connections | Format-Table | Out-String -Width 120 | Should -Match '10\.7\.0\.1:'
        $far.Abort()
        Get-ErrorId { $client | Receive-TcpData } | Should -Be ConnectionReset
    }

    It 'let a script change, drop, answer, put in and send elsewhere' {
        $other = [TcpTools.Sockets.KernelListener]::Listen('127.0.0.1', 0)
        try {
            $there = $other.Port
            $forwarder = Start-TcpForwarder 0 127.0.0.1 $server.Port -Kernel -OnData {
                param($data)
                switch -regex ($data.Text) {
                    'secret' { $data.Drop() }
                    'who' { $data.Answer("the middle`n") }
                    'both' { $data.InjectToClient("aside`n"); $data.InjectToPeer("before`n") }
                    'elsewhere' { $data.RedirectTo('127.0.0.1', $using:there) }
                    'bytes' { return [byte[]] (255, 0, 10) }
                    default { if ($data.Direction -eq 'ToPeer') { $data.Text.ToUpper() } }
                }
            }
            $client = Open-TcpSession 127.0.0.1 $forwarder.Port -Kernel
            $far = $server.Accept($limit)
            $client | Send-TcpData 'change' -Line
            $far | Receive-TcpData -Line | Should -BeExactly CHANGE
            $client | Invoke-TcpRequest 'who' -As Line | Should -Be 'the middle'
            $client | Invoke-TcpRequest 'both' -As Line | Should -Be aside
            $far | Receive-TcpData -Line -Count 2 | Should -Be before, both
            $client | Send-TcpData 'bytes'
            ($far | Receive-TcpData -Count 3) -join ' ' | Should -Be '255 0 10'
            $far | Send-TcpData 'as it is' -Line
            $client | Receive-TcpData -Line | Should -BeExactly 'as it is'
            $client | Send-TcpData 'elsewhere' -Line
            $new = $other.Accept($limit)
            $new | Receive-TcpData -Line | Should -Be elsewhere
            $forwarder.HookFailures | Should -Be 0
            $new.Abort()
        }
        finally { $other.Dispose() }
    }

    It 'go on when a script fails, and tell of it' {
        $forwarder = Start-TcpForwarder 0 127.0.0.1 $server.Port -Kernel -OnData { if ($_.Text -match 'date') { Get-Date } else { throw 'mine' } }
        $client = Open-TcpSession 127.0.0.1 $forwarder.Port -Kernel
        $far = $server.Accept($limit)
        $client | Send-TcpData 'as it came' -Line
        $far | Receive-TcpData -Line | Should -Be 'as it came'
        $forwarder.HookFailures | Should -Be 1
        $forwarder.LastError | Should -Match mine
        $client | Send-TcpData 'date' -Line
        $far | Receive-TcpData -Line | Should -Be date
        $forwarder.LastError | Should -Match 'neither text nor bytes'
        $far.Abort()
    }

    It 'are listed, found and stopped, and their connections with them' {
        $one = Start-TcpForwarder 0 127.0.0.1 $server.Port -Kernel -Name one -OnData { Start-Sleep 60 }
        $two = Start-TcpForwarder 0 127.0.0.1 $server.Port -Kernel
        (Get-TcpForwarder).Name | Should -Be one, $two.Name
        (Get-TcpForwarder o*).Id | Should -Be $one.Id
        Get-ErrorId { Get-TcpForwarder nobody } | Should -Be ForwarderNotFound
        Get-Completion 'Stop-TcpForwarder on' | Should -Be one
        $client = Open-TcpSession 127.0.0.1 $one.Port -Kernel
        $far = $server.Accept($limit)
        $client | Send-TcpData 'x'
        (Stop-TcpForwarder one, $two.Id -PassThru).IsRunning | Should -Be $false, $false
        ($far | Wait-TcpSession Closed).CloseReason | Should -Be ResetByPeer
        Get-TcpForwarder | Should -BeNullOrEmpty
        Get-ErrorId { Open-TcpSession 127.0.0.1 $one.Port -Kernel } | Should -Be ConnectionRefused
    }

    It 'end with their runspace''s module, and with their stack' {
        $shell = New-TestShell 'param($port) (Start-TcpForwarder 0 127.0.0.1 $port -Kernel).Port; Remove-Module TcpTools' @($server.Port)
        $port = $shell.Invoke()[0]
        $shell.Dispose()
        Get-ErrorId { Open-TcpSession 127.0.0.1 $port -Kernel } | Should -Be ConnectionRefused
        $null = New-TestPair -Threaded
        $forwarder = Start-TcpForwarder 80 127.0.0.1 $server.Port -ListenStack server -Kernel
        $other = Start-TcpForwarder 0 10.7.0.2 80 -Stack client
        Get-TcpStack | Stop-TcpStack -Force
        $null = [System.Threading.SpinWait]::SpinUntil({ -not ($forwarder.IsRunning -or $other.IsRunning) }, 20000)
        $forwarder.IsRunning, $other.IsRunning | Should -Be $false, $false
    }

    It 'report <Id> for <Case>' -ForEach @(
        @{ Id = 'NoStack'; Case = 'no stack'; Script = { Start-TcpForwarder 0 127.0.0.1 80 } }
        @{ Id = 'UnknownHost'; Case = 'a name without an address'; Script = { Start-TcpForwarder 0 no-such-host.invalid 80 -Kernel } }
        @{ Id = 'AddressInUse'; Case = 'a port in use'; Script = { Start-TcpForwarder $server.Port 127.0.0.1 80 -Kernel } }
        @{ Id = 'NoRoute'; Case = 'an address of somebody else'; Script = { Start-TcpForwarder 0 127.0.0.1 80 -Kernel -LocalAddress 192.0.2.7 } }
        @{ Id = 'InvalidArgument'; Case = 'a stack in simulated time'; Script = { $null = New-TestPair; Start-TcpForwarder 0 10.7.0.2 80 } }
        @{ Id = 'InvalidArgument'; Case = 'a hook that is none'; Script = { Start-TcpForwarder 0 127.0.0.1 80 -Kernel -OnData 5 } }
        @{ Id = 'ParameterArgumentTransformationError'; Case = 'a forwarder that does not exist'; Script = { Stop-TcpForwarder nobody } }
    ) {
        Get-ErrorId $Script | Should -Be $Id
    }
}
